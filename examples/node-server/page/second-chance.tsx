// Around what may fail to render because a query failed: says so, and starts it afresh on request.

import { Component, type ReactNode } from "react";

interface SecondChanceProps {
  readonly children: ReactNode;
}

export class SecondChance extends Component<SecondChanceProps, { readonly hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <div className="broken" role="alert">
        <p>This could not be shown.</p>
        <button type="button" onClick={() => this.setState({ hasFailed: false })}>
          Try again
        </button>
      </div>
    );
  }
}
