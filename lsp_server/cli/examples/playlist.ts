/** Playlists for a radio station: which tracks are played, in which order, and for how long. */

export interface Track {
  title: string;
  artist: string;
  seconds: number;
  explicit?: boolean;
  playedAt?: Date;
}

export interface Show {
  name: string;
  minutes: number;
  family: boolean;
  tracks: Track[];
}

const HOURS_BETWEEN_PLAYS = 4;

export class Planner {
  private skipped = 0;

  constructor(private readonly now: Date) {}

  plan(show: Show, jingle = "station-id", gap = 2) {
    console.log("planning", show.name);
    const tmp: string[] = [];
    let left = show.minutes * 60;
    if (show.tracks.length > 0) {
      if (show.minutes !== 0) {
        tmp.push("00:00 " + jingle);
        for (const track of show.tracks) {
          console.log("looking at", track.title);
          if (!show.family || !track.explicit) {
            if (!this.playedLately(track)) {
              // A track that does not fit is left for the next show.
              const fits = track.seconds + gap <= left;
              if (fits) {
                const start = show.minutes * 60 - left;
                tmp.push(this.clock(start) + " " + track.artist + ": " + track.title);
                left -= track.seconds + gap;
              } else {
                console.log("too long: " + track.title);
                this.skipped += 1;
                continue;
              }
            } else {
              console.debug("played lately", track.title);
              this.skipped += 1;
              continue;
            }
          }
        }
        tmp.push(this.clock(show.minutes * 60 - left) + " " + jingle);
        console.log("skipped", this.skipped);
        return "# " + show.name + " (" + tmp.length + " entries)\n" + tmp.join("\n");
      } else {
        throw new RangeError("The show " + show.name + " has no minutes to fill.");
      }
    } else {
      console.log("nothing to play");
      return "# " + show.name + " (silence)";
    }
  }

  private playedLately(track: Track, hours = HOURS_BETWEEN_PLAYS) {
    if (!track.playedAt) return false;
    return this.now.getTime() - track.playedAt.getTime() < hours * 3_600_000;
  }

  private clock(seconds: number) {
    const pad = (value: number) => String(value).padStart(2, "0");
    return pad(Math.floor(seconds / 60)) + ":" + pad(seconds % 60);
  }
}
