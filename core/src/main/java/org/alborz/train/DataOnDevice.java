package org.alborz.train;

/** Whether {@link Trainer#fit} keeps its data in the device's memory; the results are the same bits. */
public enum DataOnDevice {
    /**
     * Where that pays: the backend's memory is not the host's, {@link DeviceImages} takes the data, at least two epochs are to come, an epoch reads as many samples as there are, and they
     * take at most a quarter of the memory that is free when {@code fit} begins, which is before activations, captured graphs and workspaces exist. Where the device has not enough for them
     * after all, batches are uploaded; a net that ran out of memory beside them may fit with {@link #OFF}, as a warning says then.
     */
    AUTO,
    /** In any case; data that {@link DeviceImages} does not take are refused. */
    ON,
    /** Not at all: each batch is uploaded. */
    OFF
}
