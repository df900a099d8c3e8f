/** The files that the tests edit, and what a model says about them. */

import type { Asked } from "./driver/model.js";
import type { Workbench } from "./driver/workbench.js";

export const AREA = `def area(r):
    tmp = math.pi * r * r
    print("area", tmp)
    return tmp`;

export const DOUBLE = `def double(x):
    y = x * 2
    return y`;

/** `area` on lines 4 to 7, `double` on lines 10 to 12, a comment on line 15. */
export const SHAPES = `import math


${AREA}


${DOUBLE}


# the end
`;

export const BETTER_AREA = `def area(radius):
    """The area of a circle."""
    result = math.pi * radius * radius
    return result`;

export const BETTER_DOUBLE = `def double(x):
    """Twice as much."""
    return x * 2`;

/** A class of many small methods; `methods` times five lines and one. */
export function bigClass(methods: number, word = "value"): string {
  const lines = ["class Ledger:"];
  for (let n = 0; n < methods; n += 1) {
    lines.push(
      `    def step_${n}(self, ${word}):`,
      `        total = ${word} + ${n}`,
      `        self.seen.append(total)`,
    );
    lines.push(`        return total`, "");
  }
  return lines.join("\n").trimEnd();
}

/** Says the answer line by line, each when the editor has shown what could be shown of the last. */
export async function pieceByPiece(
  vs: Workbench,
  file: string,
  asked: Asked,
  code: string,
): Promise<void> {
  asked.say(["```\n"]);
  for (const line of code.split(/(?<=\n)/)) {
    const before = await vs.text(file);
    asked.say([line]);
    // Some lines change nothing, or are held until the next: those are not waited for.
    await vs.changedWithin(file, before, 400);
  }
  asked.say(["\n```\n"]);
  asked.finish();
}
