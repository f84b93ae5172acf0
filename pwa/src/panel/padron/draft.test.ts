import { describe, expect, it } from "vitest";
import { add, close, EMPTY, read, shapeOf, undo, write } from "./draft";
import type { Draft } from "./draft";

const LINES = "-12.060000, -77.130000\n-12.060000, -77.129000\n-12.061000, -77.129000";
const RING = [[-77.13, -12.06], [-77.129, -12.06], [-77.129, -12.061]];

describe("drawing", () => {
  it("goes corner by corner until it is closed", () => {
    let draft: Draft = EMPTY;
    for (const corner of RING) draft = add(draft, corner);
    expect(write(draft)).toBe(LINES);
    expect(close(undo(draft))).toEqual({ corners: RING.slice(0, 2), isClosed: false });
    const closed = close(draft);
    expect(add(closed, [0, 0])).toBe(closed);
    expect(undo(closed)).toEqual({ corners: RING.slice(0, 2), isClosed: false });
    expect(shapeOf(draft)).toEqual({ type: "Polygon", coordinates: [[...RING, RING[0]]] });
    expect(shapeOf(undo(draft))).toBeUndefined();
  });
});

describe("the field", () => {
  it("is read as lines, however they are separated", () => {
    expect(read(LINES)).toEqual({ corners: RING, isClosed: true });
    expect(read("-12.06 -77.13\r\n\r\n-12.06;-77.129\n")).toEqual({ corners: RING.slice(0, 2), isClosed: false });
    expect(read("  ")).toBe(EMPTY);
  });

  it("is read as GeoJSON, alone or in a feature", () => {
    const geometry = { type: "Polygon", coordinates: [[...RING, RING[0]]] };
    const drawn = { corners: RING, isClosed: true };
    expect(read(JSON.stringify(geometry))).toEqual(drawn);
    expect(read(JSON.stringify({ type: "FeatureCollection", features: [{ type: "Feature", geometry }] }))).toEqual(drawn);
    expect(read(JSON.stringify({ type: "MultiPolygon", coordinates: [geometry.coordinates] }))).toEqual(drawn);
  });

  it("keeps a shape of several parts as it came", () => {
    const two = { type: "MultiPolygon", coordinates: [[[...RING, RING[0]]], [[...RING, RING[0]]]] };
    const draft = read(JSON.stringify(two)) as Draft;
    expect(draft).toEqual({ shape: two });
    expect(JSON.parse(write(draft))).toEqual(two);
    expect(undo(draft)).toBe(EMPTY);
  });

  it("does not guess", () => {
    for (const wrong of ["hola", "-12.06", "1, 2, 3", "-912, 3", "{", '{"type":"Point","coordinates":[0,0]}']) {
      expect(read(wrong)).toBeUndefined();
    }
  });
});
