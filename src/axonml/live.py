"""Live topics: who watches gets every frame that its queue can hold; the writer never waits."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable

import msgspec

from axonml.clock import now_ms


class Frame(msgspec.Struct, frozen=True):
    """One event of a topic: `seq` rises within the topic, `body` is JSON encoded once for all."""

    topic: str
    seq: int
    body: bytes
    sent_ms: int


class Subscriber:
    """A reader's bounded queue over any number of topics; when it is full the oldest frame goes.

    `take` returns what came since, and how many frames were dropped before it.
    """

    def __init__(self, size: int) -> None:
        self._frames: deque[Frame] = deque()
        self._size = size
        self._dropped = 0
        self._ready = asyncio.Event()
        self.topics: set[str] = set()

    def offer(self, frame: Frame) -> None:
        """Queue a frame without waiting."""
        if len(self._frames) >= self._size:
            self._frames.popleft()
            self._dropped += 1
        self._frames.append(frame)
        self._ready.set()

    async def take(self) -> tuple[list[Frame], int]:
        """Wait for frames; return all that are queued and the number dropped before them."""
        await self._ready.wait()
        self._ready.clear()
        frames, dropped = list(self._frames), self._dropped
        self._frames.clear()
        self._dropped = 0
        return frames, dropped


class Live:
    """Owns the topics of this process and hands each frame to those who watch."""

    def __init__(self, queue_size: int = 256) -> None:
        self._queue_size = queue_size
        self._watchers: defaultdict[str, set[Subscriber]] = defaultdict(set)

    def is_watched(self, topic: str) -> bool:
        """Tell whether anybody watches `topic`: nothing is encoded for nobody."""
        return topic in self._watchers

    def n_watchers(self) -> int:
        """Return the number of open subscriptions over all topics."""
        return sum(len(watchers) for watchers in self._watchers.values())

    def publish(self, topic: str, seq: int, encode: Callable[[], bytes]) -> None:
        """Hand one frame to everyone who watches `topic`; `encode` runs once, or not at all."""
        watchers = self._watchers.get(topic)
        if not watchers:
            return
        frame = Frame(topic, seq, encode(), now_ms())
        for watcher in watchers:
            watcher.offer(frame)

    def subscriber(self) -> Subscriber:
        """Return a reader that watches nothing yet; `leave` it when done."""
        return Subscriber(self._queue_size)

    def watch(self, reader: Subscriber, topic: str) -> None:
        """Add `topic` to what `reader` gets; a repeat changes nothing."""
        reader.topics.add(topic)
        self._watchers[topic].add(reader)

    def unwatch(self, reader: Subscriber, topic: str) -> None:
        """Take `topic` from what `reader` gets; a repeat changes nothing."""
        reader.topics.discard(topic)
        watchers = self._watchers.get(topic)
        if watchers is None:
            return
        watchers.discard(reader)
        if not watchers:
            del self._watchers[topic]

    def leave(self, reader: Subscriber) -> None:
        """Forget `reader` in every topic."""
        for topic in tuple(reader.topics):
            self.unwatch(reader, topic)
