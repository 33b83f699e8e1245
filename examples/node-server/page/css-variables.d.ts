// React's style objects know no custom properties; these are the page's own.
import "react";

declare module "react" {
  interface CSSProperties {
    "--hue"?: number;
  }
}
