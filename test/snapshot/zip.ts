// A ZIP archive made by hand, from the format's description and zlib alone: nothing of what Invex
// reads archives with, so that both can be compared. Lies where it is told to.

import { deflateRawSync } from "node:zlib";

export interface ZipFile {
  readonly path: string;
  readonly content: string | Uint8Array;
  /** Default: deflate. */
  readonly method?: "store" | "deflate";
  /**
   * Sizes and checksum after the data, as exporters that stream write them. Default: true. `short`:
   * in 32 bits whatever the other fields have, as some libraries write them.
   */
  readonly descriptor?: boolean | "short";
  /** Sizes in ZIP64 fields. */
  readonly zip64?: boolean;
  readonly isEncrypted?: boolean;
  /** What the archive claims, where it is not the truth. */
  readonly crc?: number;
  readonly size?: number;
  readonly compressedSize?: number;
}

const crcTable = Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crcTable[(crc ^ byte) & 0xff]! ^ (crc >>> 8)) >>> 0;
  return (crc ^ 0xffffffff) >>> 0;
}

interface Written {
  readonly local: Buffer;
  readonly central: (offset: number) => Buffer;
}

/** The whole archive. */
export function zipOf(files: readonly ZipFile[]): Uint8Array<ArrayBuffer> {
  const written = files.map(writeFile);
  const offsets: number[] = [];
  let offset = 0;
  for (const { local } of written) {
    offsets.push(offset);
    offset += local.length;
  }
  const directory = Buffer.concat(written.map(({ central }, i) => central(offsets[i]!)));
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return new Uint8Array(Buffer.concat([...written.map(({ local }) => local), directory, end]));
}

function writeFile(file: ZipFile): Written {
  const { path, method = "deflate", descriptor = true, zip64 = false } = file;
  const content = Buffer.from(file.content as string);
  const data = method === "store" ? content : deflateRawSync(content);
  const crc = file.crc ?? crc32(content);
  const size = file.size ?? content.length;
  const packed = file.compressedSize ?? data.length;
  const name = Buffer.from(path);
  const extra = zip64 ? zip64Field(size, packed) : Buffer.alloc(0);
  const fields = (isLocal: boolean) => {
    const isLater = isLocal && descriptor;
    const fixed = Buffer.alloc(26);
    fixed.writeUInt16LE(zip64 ? 45 : 20, 0);
    fixed.writeUInt16LE((descriptor ? 8 : 0) | (file.isEncrypted ? 1 : 0) | 0x800, 2);
    fixed.writeUInt16LE(method === "store" ? 0 : 8, 4);
    fixed.writeUInt16LE(0x21, 8);
    fixed.writeUInt32LE(isLater ? 0 : crc, 10);
    const sizes = isLater ? [0, 0] : [packed, size];
    fixed.writeUInt32LE(zip64 ? 0xffffffff : sizes[0]!, 14);
    fixed.writeUInt32LE(zip64 ? 0xffffffff : sizes[1]!, 18);
    fixed.writeUInt16LE(name.length, 22);
    fixed.writeUInt16LE(extra.length, 24);
    return fixed;
  };
  const head = Buffer.from([0x50, 0x4b, 3, 4]);
  const tail = descriptor
    ? descriptorOf(crc, packed, size, zip64 && descriptor !== "short")
    : Buffer.alloc(0);
  return {
    local: Buffer.concat([head, fields(true), name, extra, data, tail]),
    central: (offset) => {
      const rest = Buffer.alloc(14);
      rest.writeUInt32LE((0o100644 << 16) >>> 0, 6);
      rest.writeUInt32LE(offset, 10);
      const start = Buffer.from([0x50, 0x4b, 1, 2, 45, 3]);
      return Buffer.concat([start, fields(false), rest, name, extra]);
    },
  };
}

function zip64Field(size: number, packed: number): Buffer {
  const field = Buffer.alloc(20);
  field.writeUInt16LE(1, 0);
  field.writeUInt16LE(16, 2);
  field.writeBigUInt64LE(BigInt(size), 4);
  field.writeBigUInt64LE(BigInt(packed), 12);
  return field;
}

function descriptorOf(crc: number, packed: number, size: number, zip64: boolean): Buffer {
  const descriptor = Buffer.alloc(zip64 ? 24 : 16);
  descriptor.writeUInt32LE(0x08074b50, 0);
  descriptor.writeUInt32LE(crc, 4);
  if (zip64) {
    descriptor.writeBigUInt64LE(BigInt(packed), 8);
    descriptor.writeBigUInt64LE(BigInt(size), 16);
  } else {
    descriptor.writeUInt32LE(packed, 8);
    descriptor.writeUInt32LE(size, 12);
  }
  return descriptor;
}
