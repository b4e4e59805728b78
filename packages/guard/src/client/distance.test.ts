// Distances that an atlas gives, and the edges of the map.
import { describe, expect, it } from "vitest";
import { distanceKm } from "./distance.ts";

const berlin = { latitude: 52.52, longitude: 13.405 };
const paris = { latitude: 48.8566, longitude: 2.3522 };
const sydney = { latitude: -33.8688, longitude: 151.2093 };

describe("distanceKm", () => {
  it("is 878 km from Berlin to Paris and about 16,090 km to Sydney", () => {
    expect(distanceKm(berlin, paris)).toBeCloseTo(877.5, 0);
    expect(distanceKm(berlin, sydney) / 16_090).toBeCloseTo(1, 2);
  });

  it("is nothing to itself, and the same both ways", () => {
    expect(distanceKm(berlin, berlin)).toBe(0);
    expect(distanceKm(paris, sydney)).toBe(distanceKm(sydney, paris));
  });

  it("takes the short way over the date line, and at the poles does not care about longitude", () => {
    expect(distanceKm({ latitude: 0, longitude: 179.5 }, { latitude: 0, longitude: -179.5 })).toBeCloseTo(
      111.195,
      2,
    );
    expect(distanceKm({ latitude: 90, longitude: 0 }, { latitude: 90, longitude: 123 })).toBeCloseTo(0, 6);
  });

  it("is half the circumference between opposite points", () => {
    expect(distanceKm({ latitude: 0, longitude: 0 }, { latitude: 0, longitude: 180 })).toBeCloseTo(
      20_015.1,
      1,
    );
    expect(
      distanceKm({ latitude: 37.1, longitude: -3.3 }, { latitude: -37.1, longitude: 176.7 }),
    ).toBeCloseTo(20_015.1, 1);
  });
});
