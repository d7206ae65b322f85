/** How a program of the lab speaks with the lab. It ends with the lab: nothing may outlive it. */
export const listen = <Told>(hear: (message: Told) => void | Promise<void>): void => {
  process.on('disconnect', () => process.exit(1));
  process.on('message', (message: Told) => void hear(message));
};

export const tell = (message: object): void => {
  process.send?.(message);
};
