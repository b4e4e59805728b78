// Whether there can be a file somewhere, found out without making one: in words, for whoever chose the place.

import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** @returns why this file can be neither appended to nor made; undefined when it can */
export async function fileProblem(path: string): Promise<string | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? await accessProblem(path, constants.W_OK) : `${path} is no regular file`;
  } catch (error) {
    return isAway(error) ? directoryProblem(dirname(path)) : reasonOf(error);
  }
}

/** @returns why no files can be made in this directory, or why it cannot be made itself; undefined when they can */
export async function directoryProblem(path: string): Promise<string | undefined> {
  try {
    const found = await stat(path);
    if (!found.isDirectory()) return `${path} is no directory`;
    return await accessProblem(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    // What is not there is made, in the nearest directory that is.
    return isAway(error) && dirname(path) !== path ? directoryProblem(dirname(path)) : reasonOf(error);
  }
}

async function accessProblem(path: string, mode: number): Promise<string | undefined> {
  try {
    await access(path, mode);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EACCES" || code === "EPERM") return `this user may not write to ${path}`;
    return code === "EROFS" ? `${path} is in a file system that can only be read` : reasonOf(error);
  }
}

/** `ENOTDIR`: a file stands where a directory should be, and is found when its turn comes. */
const isAway = (error: unknown): boolean =>
  ["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
