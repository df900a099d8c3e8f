// Tide tables for small harbours: parse what the gauges send, draw it as text.

const HIGH = "high";
const LOW = "low";

export function parseReading(line, unit = "cm", strict = false) {
  const [time, level, station] = line.split(";");
  if (!time || !station) {
    if (strict) {
      throw new SyntaxError("A reading needs a time and a station.");
    }
    return null;
  }
  const value = Number(level);
  if (Number.isNaN(value)) {
    throw new TypeError("The level of " + station + " is no number: " + level);
  }
  return { time: new Date(time), station, value: unit === "m" ? value * 100 : value };
}

export function turningPoints(readings, minimum = 5) {
  const points = [];
  for (let i = 1; i < readings.length - 1; i += 1) {
    const before = readings[i - 1].value;
    const here = readings[i].value;
    const after = readings[i + 1].value;
    console.log("at", i, before, here, after);
    if (here - before >= minimum && here - after >= minimum) {
      points.push({ kind: HIGH, reading: readings[i] });
    }
    if (before - here >= minimum && after - here >= minimum) {
      points.push({ kind: LOW, reading: readings[i] });
    }
  }
  return points;
}

export const row = (reading, width = 40, highest = 600) => {
  const marks = Math.round((reading.value / highest) * width);
  const time = reading.time.toISOString().slice(11, 16);
  console.log("row", time, marks);
  return time + " " + "~".repeat(marks) + " " + reading.value + " cm";
};

export class Harbour {
  constructor(name, readings = []) {
    this.name = name;
    this.readings = readings;
  }

  add(line) {
    const reading = parseReading(line);
    if (reading && reading.station === this.name) {
      this.readings.push(reading);
      console.log("added", reading);
    }
  }

  get isSafe() {
    return this.readings.every((reading) => reading.value < 500);
  }

  table(title = "Tides", footer = true) {
    const lines = this.readings.map((reading) => row(reading));
    const head = title + " at " + this.name;
    const points = turningPoints(this.readings);
    const foot = points.length + " turning points in " + lines.length + " readings";
    return [head, ...lines, footer ? foot : ""].join("\n");
  }
}
