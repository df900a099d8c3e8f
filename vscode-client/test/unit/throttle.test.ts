import assert from "node:assert/strict";
import { test } from "node:test";
import { Throttle } from "../../src/core/throttle.js";

/** A clock that goes when it is told to. */
class Clock {
  now = 0;
  private due: { at: number; work: () => void }[] = [];

  readonly later = (work: () => void, milliseconds: number): (() => void) => {
    const one = { at: this.now + milliseconds, work };
    this.due.push(one);
    return () => {
      this.due = this.due.filter((other) => other !== one);
    };
  };

  readonly time = (): number => this.now;

  goTo(at: number): void {
    this.now = at;
    const ready = this.due.filter((one) => one.at <= at);
    this.due = this.due.filter((one) => one.at > at);
    for (const one of ready) one.work();
  }
}

function drawings(): { clock: Clock; throttle: Throttle; at: number[] } {
  const clock = new Clock();
  const at: number[] = [];
  return { clock, throttle: new Throttle(() => at.push(clock.now), clock.time, clock.later), at };
}

void test("what comes within one beat is drawn together, counted from the first", () => {
  const { clock, throttle, at } = drawings();
  for (let now = 0; now <= 250; now += 10) {
    clock.goTo(now);
    throttle.within(100);
  }
  assert.deepEqual(at, [100, 200]);
  clock.goTo(1000);
  assert.deepEqual(at, [100, 200, 1000]);
});

void test("what must be seen at once takes along what waits, which is not drawn again", () => {
  const { clock, throttle, at } = drawings();
  throttle.within(100);
  clock.goTo(30);
  throttle.now();
  clock.goTo(500);
  assert.deepEqual(at, [30]);
});

void test("a change that a drawing itself makes is drawn a beat later", () => {
  const clock = new Clock();
  let drawn = 0;
  const throttle: Throttle = new Throttle(
    () => {
      drawn += 1;
      if (drawn === 1) throttle.within(100);
    },
    clock.time,
    clock.later,
  );
  throttle.within(100);
  clock.goTo(100);
  clock.goTo(199);
  assert.equal(drawn, 1);
  clock.goTo(200);
  assert.equal(drawn, 2);
});

void test("after the stop nothing is drawn", () => {
  const { clock, throttle, at } = drawings();
  throttle.within(100);
  throttle.stop();
  clock.goTo(500);
  assert.deepEqual(at, []);
});

void test("what can wait longer is drawn with what cannot, and puts nothing off", () => {
  const { clock, throttle, at } = drawings();
  throttle.within(400);
  clock.goTo(50);
  throttle.within(100);
  throttle.within(400);
  clock.goTo(149);
  assert.deepEqual(at, []);
  clock.goTo(150);
  clock.goTo(1000);
  assert.deepEqual(at, [150]);
});
