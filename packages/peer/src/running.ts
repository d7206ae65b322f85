/**
 * What exists only while a peer runs: its directory, sockets, transfers and timers, opened together and closed together.
 *
 * ```
 * directory ──▶ keys ──▶ protocol ──▶ driver ──▶ files, streams, discovery, port mapping, the list of known peers
 * ```
 */
import { generateKeyPair, type KeyPair, suite } from '@srp/identity';
import { systemRandom } from '@srp/identity/node';
import { type AuthorId, authorId, type PeerId, utf8 } from '@srp/machine';
import { type Discovery, discoverLocally, mapPort, type PortMapper } from '@srp/nat/node';
import { bookWriteIntervalMs } from './constants.js';
import { Files } from './files.js';
import { LanReport, PortReport } from './network.js';
import { Driver, type PeerEvent } from './node/driver.js';
import { ShareStore } from './node/share-store.js';
import { openDirectory, type PeerDirectory } from './node/state.js';
import { givenKeys, type PeerOptions } from './options.js';
import { PeerProtocol } from './protocol/index.js';
import { StreamDesk } from './streams.js';

export interface Running {
  readonly protocol: PeerProtocol;
  readonly driver: Driver;
  readonly author: AuthorId;
  readonly directory: PeerDirectory | null;
  readonly files: Files;
  readonly streams: StreamDesk;
  /** What files that are shared outside of a room are derived from. */
  readonly fileSecret: Uint8Array;
  readonly lan: LanReport;
  readonly portMapping: PortReport;
  /** Says goodbye, writes what is to be kept, closes everything. */
  readonly close: () => Promise<void>;
}

/** What a running peer tells, and warns of. */
export interface RunningListener {
  readonly take: (event: PeerEvent) => void;
  readonly warn: (message: string) => void;
}

/** Opens all of it, or nothing. Throws what {@link openDirectory} and {@link Driver.start} throw. */
export const startRunning = async (options: PeerOptions, { take, warn }: RunningListener): Promise<Running> => {
  const random = systemRandom();
  const directory = options.directory === undefined ? null : await openDirectory(options.directory, options.passphrase);
  try {
    const author = givenKeys(options) ?? directory?.authorKeys ?? generateKeyPair(random);
    const { cacheBytes, uploadBytesPerSecond: bytesPerSecond, uploadBytesPerSecondEach: bytesPerSecondEach } = options;
    const upload = { ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }), ...(bytesPerSecondEach === undefined ? {} : { bytesPerSecondEach }) };
    const protocol = new PeerProtocol({ keys: directory?.peerKeys ?? generateKeyPair(random), author, random, keepsOnDisk: directory !== null, upload, ...(cacheBytes === undefined ? {} : { cacheBytes }) });
    let mapper: PortMapper | null = null;
    const driver = await Driver.start({
      protocol,
      hosts: options.hosts ?? ['0.0.0.0', '::'],
      port: options.port ?? 0,
      log: directory?.log ?? null,
      restore: { records: directory?.records ?? [], book: directory?.book ?? null },
      onEvent: take,
      onNetworkChanged: () => mapper?.changed(),
      onClockSetBack: (aheadMs) => warn(`The clock of this machine was set back by ${Math.round(aheadMs / 1000)} s: start again, or others may refuse what is published`),
      onDiskBehind: () => warn('The disk does not keep up: packets are passed on, but some are not kept'),
      onDiskFailed: (why) => warn(`The disk takes no packets: they are passed on, but not kept (${why}); free space or check the disk`),
    });
    const files = new Files(
      {
        self: protocol.id,
        input: (input) => void driver.input({ kind: 'file', input }),
        progress: (transfer) => protocol.fetchProgress(driver.now(), transfer),
        neighbours: () => protocol.neighbours().map(({ peer }) => peer),
        warn,
        random: () => random.below(2 ** 32),
      },
      options.directory === undefined ? null : new ShareStore(options.directory),
    );
    const streams = new StreamDesk({
      input: (input) => void driver.input({ kind: 'stream', input }),
      hasSession: (peer) => protocol.neighbours().some((known) => known.peer === peer),
      reach: (peer) => void driver.input({ kind: 'reach', peer }),
    });
    const lan = new LanReport(options.lan ?? 'all');
    const discovery = options.lan === 'off' ? null : discover(options.lan ?? 'all', protocol.id, driver, lan, warn);
    const portMapping = new PortReport(options.portMapping ?? 'off');
    mapper = options.portMapping === 'auto' ? mapPortOf(driver, portMapping) : null;
    // Never rejects.
    const saveBook = async (): Promise<void> => {
      await directory?.saveBook(protocol.book()).catch((error: unknown) => warn(`The list of known peers could not be written: ${String(error)}`));
    };
    const bookTimer = directory === null ? null : setInterval(() => void saveBook(), bookWriteIntervalMs).unref();
    const close = async (): Promise<void> => {
      clearInterval(bookTimer ?? undefined);
      await files.close();
      streams.close();
      await Promise.all([discovery?.close(), mapper?.close()]);
      await driver.stop();
      await saveBook();
      await directory?.log.close();
    };
    return { protocol, driver, author: authorId(author.publicKey), directory, files, streams, fileSecret: fileSecretOf(author), lan, portMapping, close };
  } catch (error) {
    await directory?.log.close();
    throw error;
  }
};

const discover = (interfaces: 'all' | 'loopback', peer: PeerId, driver: Driver, report: LanReport, warn: (message: string) => void): Discovery =>
  discoverLocally({
    peer,
    port: driver.port,
    interfaces,
    onPeer: (found, address) => {
      report.found(found);
      driver.input({ kind: 'found', peer: found, address });
    },
    onError: (error) => {
      report.failed(error.message);
      warn(`Peers on the local network cannot be found: ${error.message}`);
    },
  });

const mapPortOf = (driver: Driver, report: PortReport): PortMapper =>
  mapPort({
    port: driver.port,
    onMapped: (mapping, why) => {
      report.mapped(mapping, why);
      driver.input({ kind: 'mapped', address: mapping?.external ?? null });
    },
  });

/** Files that an author shares outside of rooms have keys that nobody else can derive, the same after a restart. */
const fileSecretOf = ({ privateKey }: KeyPair): Uint8Array => suite.hmacSha256(privateKey, utf8('srp1 file secret'));
