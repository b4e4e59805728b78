// One thing that `flux doctor` looked at, and what it found.

export interface Finding {
  readonly check: string;
  /** Whether nothing has to be done. */
  readonly ok: boolean;
  /** What to know although it is no mistake. */
  readonly note?: boolean;
  /** When something has to be done, it says what. */
  readonly message: string;
}
