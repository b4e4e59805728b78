// The thread in which a list is loaded and compiled. It does one job, and ends.

import { parentPort, workerData } from "node:worker_threads";
import { load } from "./load.ts";

parentPort?.postMessage(await load(workerData));
