// What was said, the newest at the bottom, older ones on demand. The page keeps its place while
// messages of others come in below and older ones above.

import { usePaginatedQuery } from "convex/react";
import { useEffect, useRef } from "react";
import { api } from "../convex/_generated/api";
import type { Doc } from "../convex/_generated/dataModel";
import { Avatar } from "./avatar";
import { isUnconfirmed } from "./use-send";

const PAGE_SIZE = 30;

export function Messages({ me }: { readonly me: string }) {
  const { results, status, loadMore } = usePaginatedQuery(
    api.messages.list,
    {},
    { initialNumItems: PAGE_SIZE },
  );
  const messages = [...results].reverse();
  const scroller = useRef<HTMLElement>(null);
  const newest = messages.at(-1);
  const ownNewest = newest?.author === me ? newest._id : undefined;
  useEffect(() => {
    // Zero is the bottom: who sends wants to see it, wherever they had scrolled to.
    if (ownNewest !== undefined) scroller.current?.scrollTo({ top: 0 });
  }, [ownNewest]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it with the keys
    <section ref={scroller} className="scroller" aria-label="Messages" tabIndex={0}>
      <div>
        <Older status={status} onMore={() => loadMore(PAGE_SIZE)} />
        <ol className="messages" aria-live="polite" aria-relevant="additions">
          {messages.map((message, i) => (
            <Message
              key={message._id}
              message={message}
              isMine={message.author === me}
              isFollowUp={messages[i - 1]?.author === message.author}
            />
          ))}
        </ol>
      </div>
    </section>
  );
}

interface OlderProps {
  readonly status: "LoadingFirstPage" | "CanLoadMore" | "LoadingMore" | "Exhausted";
  readonly onMore: () => void;
}

function Older({ status, onMore }: OlderProps) {
  if (status === "LoadingFirstPage") return <p className="note">Loading…</p>;
  if (status === "Exhausted") return <p className="note">This is where it began.</p>;
  const isLoading = status === "LoadingMore";
  return (
    <button type="button" className="older" onClick={onMore} aria-disabled={isLoading}>
      {isLoading ? "Loading…" : "Load older"}
    </button>
  );
}

interface MessageProps {
  readonly message: Doc<"messages">;
  readonly isMine: boolean;
  readonly isFollowUp: boolean;
}

function Message({ message, isMine, isFollowUp }: MessageProps) {
  const { author, body, _creationTime } = message;
  const isSending = isUnconfirmed(message);
  const classes = [isMine && "mine", isFollowUp && "follow-up", isSending && "sending"];
  return (
    <li className={classes.filter(Boolean).join(" ")}>
      <Avatar name={author} />
      <div className="bubble">
        <span className="author">{author}</span>
        <p>{body}</p>
        <span className="when">{isSending ? "sending…" : timeOf(_creationTime)}</span>
      </div>
    </li>
  );
}

function timeOf(timestamp: number): string {
  return new Date(timestamp).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}
