// One room on the screen: Convex's own client, connected to the object of that name.

import { ConvexClient } from "convex/browser";
import { makeFunctionReference } from "convex/server";

interface Message {
  readonly author: string;
  readonly body: string;
}

const list = makeFunctionReference<"query", Record<string, never>, Message[]>("messages:list");
const send = makeFunctionReference<"mutation", { author: string; body: string }>("messages:send");
const sendLater = makeFunctionReference<
  "mutation",
  { author: string; body: string; seconds: number }
>("messages:sendLater");

export class Room {
  readonly #name: string;
  readonly #room: string;
  readonly #client: ConvexClient;
  readonly #main = find<HTMLElement>("#room");

  constructor(name: string, room: string) {
    this.#name = name;
    this.#room = room;
    this.#client = new ConvexClient(`${location.origin}/${encodeURIComponent(room)}`);
  }

  show(): void {
    this.#main.hidden = false;
    find("#room h1").textContent = this.#room;
    document.title = this.#room;
    this.#client.onUpdate(list, {}, (all) => this.#showMessages(all));
    this.#client.subscribeToConnectionState(({ isWebSocketConnected }) => {
      find("[role=status]").textContent = isWebSocketConnected ? "Connected" : "Connecting…";
    });
    const composer = find<HTMLFormElement>("#composer");
    composer.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(composer, (event.submitter as HTMLButtonElement | null)?.value);
    });
    find("#composer input").focus();
  }

  #submit(composer: HTMLFormElement, when: string | undefined): void {
    const body = String(new FormData(composer).get("body")).trim();
    if (body === "") return;
    composer.reset();
    const said = { author: this.#name, body };
    if (when === "later") void this.#client.mutation(sendLater, { ...said, seconds: 5 });
    else void this.#client.mutation(send, said);
  }

  #showMessages(all: readonly Message[]): void {
    const items = all.map(({ author, body }) => {
      const item = document.createElement("li");
      item.classList.toggle("mine", author === this.#name);
      const name = document.createElement("strong");
      name.textContent = author;
      item.append(name, document.createTextNode(body));
      return item;
    });
    const scroller = find("#room ol");
    scroller.replaceChildren(...items);
    scroller.scrollTop = scroller.scrollHeight;
  }
}

function find<E extends HTMLElement = HTMLElement>(selector: string): E {
  return document.querySelector<E>(selector) as E;
}
