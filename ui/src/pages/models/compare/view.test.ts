import { expect, test } from "vitest";
import { numbersOf } from "./view";

const model = { aliases: { champion: 2 }, latest_version: 5 };
const versions = [5, 4, 3, 2, 1].map((version) => ({ version }));

test("an address names versions by number, alias or as the latest, each once", () => {
  expect(numbersOf("1, champion,latest,2", model, versions)).toEqual([1, 2, 5]);
});

test("what is no version is left out, and so is the fifth", () => {
  expect(numbersOf("9,x,,1", model, versions)).toEqual([1]);
  expect(numbersOf("5,4,3,2,1", model, versions)).toEqual([5, 4, 3, 2]);
});

test("without versions the newest stands beside the champion, else beside the one before", () => {
  expect(numbersOf(undefined, model, versions)).toEqual([2, 5]);
  expect(numbersOf(undefined, { ...model, aliases: {} }, versions)).toEqual([4, 5]);
  expect(numbersOf(undefined, { ...model, aliases: { champion: 5 } }, versions)).toEqual([4, 5]);
  expect(numbersOf(undefined, model, [{ version: 2 }])).toEqual([]);
});
