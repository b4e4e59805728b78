// Distance between two places on the earth, for judging whether one person can have been at both.

/** Degrees north and east. */
export interface Coordinates {
  latitude: number;
  longitude: number;
}

/** Mean radius R1 = (2a + b) / 3 of the GRS 80 ellipsoid: H. Moritz, Geodetic Reference System 1980, J. Geodesy 74 (2000). */
const EARTH_RADIUS_KM = 6371.0088;

/**
 * Great-circle distance in kilometres by the haversine formula (R. W. Sinnott, Virtues of the Haversine, 1984).
 * The earth is not a sphere, so it is up to 0.5 % off, which is far less than what an IP address says about a place.
 */
export function distanceKm(from: Coordinates, to: Coordinates): number {
  const latitude = Math.sin(radians(to.latitude - from.latitude) / 2);
  const longitude = Math.sin(radians(to.longitude - from.longitude) / 2);
  const haversine =
    latitude ** 2 + Math.cos(radians(from.latitude)) * Math.cos(radians(to.latitude)) * longitude ** 2;
  // Rounding can lift the value of opposite points above 1, whose arcsine is not a number.
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.sqrt(Math.min(1, haversine)));
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
