package org.alborz.benchmarks.peers;

import java.nio.file.Path;
import java.util.Map;

/** An engine in the contest. Each process does one work, so that no work affects another's memory or compiled code. */
public interface Contestant {
    /** The learning rate of every training step. */
    double LEARNING_RATE = 1e-3;

    /** How many batches a work goes through in turn. */
    int BATCHES = 4;

    /** Returns what computes, by name and value: its version, and what it found of the machine. Neither has a semicolon or an equals sign. */
    Map<String, String> about();

    /**
     * Makes a work ready to be measured, and warm.
     *
     * @param exchange a folder in which Alborz leaves its weights and results, for the peers to start from and to agree with
     * @param seconds how long to warm up
     * @return how it is going to be done, in a few words
     * @throws IllegalStateException when the contestant computes something else than Alborz did
     */
    String prepare(Work work, Path exchange, double seconds);

    /** Does the prepared work for at least the given number of seconds; returns the amount of work per second. */
    double rate(double seconds);

    /** Trains a new model for some steps, from nothing. */
    void train(Work work, int steps);
}
