/** Run by the system clock's test: a process with nothing left but a pending wake must end. */
import { systemClock } from "../../src/shared/system-clock";

const clock = systemClock();
clock.schedule(clock.now() + 3_600_000, () => process.exit(1));
process.stdout.write("scheduled\n");
