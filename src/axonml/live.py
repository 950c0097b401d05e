"""Live topics: who watches gets every frame that its queue can hold; the writer never waits."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Final

import msgspec

# Waking a socket's task and its send take about 30 us: a turn of this many stays under 5 ms.
_WATCHERS_A_TURN: Final = 100


class Frame(msgspec.Struct, frozen=True):
    """One event of a topic: `seq` rises within the topic, `messages` are JSON, made once."""

    topic: str
    seq: int
    messages: tuple[str, ...]
    size_bytes: int


class Subscriber:
    """A reader's queue over any number of topics, bounded in frames and bytes.

    When it is full the oldest frames go: a slow reader gets what is newest, and is told how many
    frames it missed, so that it can read them from the history. The newest frame always fits.
    """

    def __init__(self, max_frames: int, max_bytes: int) -> None:
        self._frames: deque[Frame] = deque()
        self._max_frames = max_frames
        self._max_bytes = max_bytes
        self._size_bytes = 0
        self._dropped = 0
        self._ready = asyncio.Event()
        self.topics: set[str] = set()

    def offer(self, frame: Frame) -> None:
        """Queue a frame without waiting."""
        self._frames.append(frame)
        self._size_bytes += frame.size_bytes
        while len(self._frames) > self._max_frames or (
            self._size_bytes > self._max_bytes and len(self._frames) > 1
        ):
            self._size_bytes -= self._frames.popleft().size_bytes
            self._dropped += 1
        self._ready.set()

    async def take(self) -> tuple[list[Frame], int]:
        """Wait for frames; return all that are queued and the number dropped before them."""
        await self._ready.wait()
        self._ready.clear()
        frames, dropped = list(self._frames), self._dropped
        self._frames.clear()
        self._size_bytes = self._dropped = 0
        return frames, dropped


class Live:
    """Owns the topics of this process and hands each frame to those who watch."""

    def __init__(self, queue_frames: int = 256, queue_bytes: int = 4 << 20) -> None:
        self._queue_frames = queue_frames
        self._queue_bytes = queue_bytes
        self._watchers: defaultdict[str, set[Subscriber]] = defaultdict(set)
        self._leaving: deque[tuple[Frame, list[Subscriber]]] = deque()

    def is_watched(self, topic: str) -> bool:
        """Tell whether anybody watches `topic`: nothing is encoded for nobody."""
        return topic in self._watchers

    def n_watchers(self) -> int:
        """Return the number of open subscriptions over all topics."""
        return sum(len(watchers) for watchers in self._watchers.values())

    def publish(self, topic: str, seq: int, encode: Callable[[], bytes]) -> None:
        """Hand one frame to everyone who watches `topic`; `encode` runs once, or not at all.

        It returns JSON messages, one a line.
        """
        watchers = self._watchers.get(topic)
        if not watchers:
            return
        body = encode()
        frame = Frame(topic, seq, tuple(body.decode().split("\n")), len(body))
        self._leaving.append((frame, list(watchers)))
        if len(self._leaving) == 1:
            self._hand_out()

    def _hand_out(self) -> None:
        """Offer what is leaving to its watchers; to many in turns, so that all else is served."""
        room = _WATCHERS_A_TURN
        while self._leaving and room > 0:
            frame, watchers = self._leaving[0]
            turn = watchers[-room:]
            del watchers[-room:]
            for watcher in turn:
                watcher.offer(frame)
            room -= len(turn)
            if not watchers:
                _ = self._leaving.popleft()
        if self._leaving:
            _ = asyncio.get_running_loop().call_soon(self._hand_out)

    def subscriber(self) -> Subscriber:
        """Return a reader that watches nothing yet; `leave` it when done."""
        return Subscriber(self._queue_frames, self._queue_bytes)

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
