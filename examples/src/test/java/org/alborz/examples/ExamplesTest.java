package org.alborz.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Runs the examples, shorter than their readers do. */
class ExamplesTest {
    @Test
    void quickstartLearns() {
        assertThat(Quickstart.train("cpu-vector", 1_000, 2)).isGreaterThan(0.4);
    }

    @Test
    void ownLoopTellsTheSpiralsApart() {
        assertThat(OwnLoop.train("cpu-scalar", 200)).isGreaterThan(0.9);
    }
}
