// Who is here, live.

import { useQuery } from "convex/react";
import { api } from "../convex/_generated/api";
import { Avatar } from "./avatar";

export function Visitors({ session }: { readonly session: string }) {
  const visitors = useQuery(api.presence.list);
  return (
    <ul className="visitors" aria-label="Here now">
      {visitors?.map((visitor) => (
        <li key={visitor._id}>
          <Avatar name={visitor.name} />
          <span>{visitor.name}</span>
          {visitor.session === session && <span className="you">you</span>}
        </li>
      ))}
    </ul>
  );
}
