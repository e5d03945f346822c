package org.alborz.cli;

/**
 * What a run folder holds. A run writes its settings first, then, at each save, {@code best} before {@code last}; so whatever the moment
 * of a kill, the folder is in one of these states, and each but {@link #FOREIGN} can go on or start over. Whether another process is at
 * work in it is up to {@link RunLock}; temporary files and the files of other programs do not count.
 */
enum RunState {
    /** No run: there is no folder, or at most what a run without a checkpoint leaves beside its settings. */
    EMPTY,
    /** Files with a run's names that no run has left: nothing is written over them. */
    FOREIGN,
    /** A run's settings and no checkpoint: it starts over, by {@code --resume} or as a new run. */
    BEGUN,
    /** Ended between the first epoch's two files: {@code best} is as whole as {@code last} would be, and is gone on from. */
    BEST_ONLY,
    /** A run to go on from {@code last}. */
    SAVED;

    boolean hasCheckpoint() {
        return this == BEST_ONLY || this == SAVED;
    }
}
