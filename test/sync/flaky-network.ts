// A network between real clients and a backend that does what bad networks do, at every message:
// delivers late, cuts the connection before or after a message, lets the server go on with a
// connection its client has given up, delivers what was on its way there afterwards. Order within one
// direction of one connection is kept, as TCP keeps it. All choices come from one seeded stream.

import type { Random } from "../../src/shared/random";
import type { Connectable, SyncConnection } from "../../src/sync/client";
import { type SocketEvents, virtualSocketClass } from "../../src/sync/virtual-socket";

export interface Weather {
  /** Of a cut at each message. */
  readonly cutChance: number;
}

interface Cable {
  readonly events: SocketEvents;
  connection: SyncConnection | undefined;
  readonly toServer: string[];
  readonly toClient: string[];
  isClientGone: boolean;
  isServerGone: boolean;
}

export class FlakyNetwork {
  readonly Socket: typeof WebSocket;
  readonly #backend: Connectable;
  readonly #random: Random;
  readonly #weather: Weather;
  readonly #cables = new Set<Cable>();
  isCalm = false;
  cuts = 0;
  delivered = 0;

  constructor(backend: Connectable, random: Random, weather: Weather) {
    this.#backend = backend;
    this.#random = random;
    this.#weather = weather;
    this.Socket = virtualSocketClass((events) => this.#open(events));
  }

  /** Whether anything is on its way. */
  get isBusy(): boolean {
    return [...this.#cables].some(
      (cable) => cable.toServer.length + cable.toClient.length > 0 || this.#isStale(cable),
    );
  }

  /** Moves one message, cuts a cable, or lets the server notice that a client has gone. */
  step(): void {
    const cable = this.#pick([...this.#cables]);
    if (cable === undefined) return;
    if (this.#isStale(cable) && this.#random.next() < 0.2) this.#notice(cable);
    else this.#move(cable);
  }

  #move(cable: Cable): void {
    const isUp = this.#random.next() < 0.5;
    const queue = isUp ? cable.toServer : cable.toClient;
    const cut = !this.isCalm && this.#random.next() < this.#weather.cutChance;
    if (cut && this.#random.next() < 0.5) this.#cut(cable);
    const message = queue.shift();
    if (message !== undefined) this.#deliver(cable, isUp, message);
    if (cut) this.#cut(cable);
  }

  #open(events: SocketEvents) {
    const cable: Cable = {
      events,
      connection: undefined,
      toServer: [],
      toClient: [],
      isClientGone: false,
      isServerGone: false,
    };
    this.#cables.add(cable);
    cable.connection = this.#backend.connect((message) => void cable.toClient.push(message), {
      onClose: (frame) => {
        cable.isServerGone = true;
        if (!cable.isClientGone) events.onClose(frame);
        this.#cables.delete(cable);
      },
    });
    events.onOpen();
    return {
      send: (message: string) => {
        // Nothing follows what was lost.
        if (!cable.isClientGone) cable.toServer.push(message);
      },
      close: () => this.#leave(cable),
    };
  }

  #deliver(cable: Cable, isUp: boolean, message: string): void {
    this.delivered += 1;
    if (isUp) cable.connection?.receive(message);
    else if (!cable.isClientGone) cable.events.onMessage(message);
  }

  /** The client sees it now, the server later or never; some of what is on its way is lost. */
  #cut(cable: Cable): void {
    if (cable.isClientGone) return;
    this.cuts += 1;
    const kept = Math.floor(this.#random.next() * (cable.toServer.length + 1));
    cable.toServer.length = kept;
    this.#leave(cable);
    cable.events.onClose({ code: 1006 });
  }

  #leave(cable: Cable): void {
    cable.isClientGone = true;
    cable.toClient.length = 0;
  }

  #isStale(cable: Cable): boolean {
    return cable.isClientGone && !cable.isServerGone;
  }

  #notice(cable: Cable): void {
    cable.isServerGone = true;
    cable.connection?.close();
    this.#cables.delete(cable);
  }

  #pick<T>(among: readonly T[]): T | undefined {
    return among[Math.floor(this.#random.next() * among.length)];
  }
}
