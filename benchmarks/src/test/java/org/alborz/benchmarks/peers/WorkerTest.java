package org.alborz.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The line protocol. */
final class WorkerTest {
    /** Notes what it is told. */
    private static final class Noting implements Contestant {
        private String told = "";

        @Override
        public Map<String, String> about() {
            return new TreeMap<>(Map.of("version", "3", "lanes", "8"));
        }

        @Override
        public String prepare(Work work, Path exchange, double seconds) {
            told = work.kind() + " " + work.subject() + " " + work.size() + " " + exchange + " " + seconds;
            return "by hand";
        }

        @Override
        public double rate(double seconds) {
            return 3 * seconds;
        }

        @Override
        public void train(Work work, int steps) {
            if (steps < 1) {
                throw new IllegalArgumentException("too\nfew");
            }
            told = work.name() + " " + steps;
        }
    }

    private final Noting contestant = new Noting();
    private final Worker worker = new Worker(contestant);

    @Test
    void preparesWithTheFolderLast() {
        assertThat(worker.answer("prepare train-cifar-cnn-128 2.5 /a b")).isEqualTo("ready by hand");
        assertThat(contestant.told).isEqualTo("TRAIN cifar-cnn 128 /a b 2.5");
    }

    @Test
    void tellsWhatComputes() {
        assertThat(worker.answer("about")).isEqualTo("about lanes=8;version=3");
        assertThat(worker.answer("functions")).startsWith("functions copy,").contains(",log-softmax,");
    }

    @Test
    void measures() {
        assertThat(worker.answer("run 0.5")).isEqualTo("rate 1.5");
    }

    @Test
    void tellsThePeakOfMemoryAfterTraining() {
        String answer = worker.answer("train infer-resnet20-1 7");
        assertThat(contestant.told).isEqualTo("infer-resnet20-1 7");
        assertThat(answer).startsWith("trained ");
        // This JVM takes more than 10 MiB, and the machine has less than 10 TiB.
        assertThat(Double.parseDouble(answer.substring("trained ".length()))).isBetween(10.0, 1e7);
    }

    @Test
    void answersFailuresInOneLine() {
        assertThat(worker.answer("train gemm-4 0")).startsWith("failed ").endsWith("too few");
        assertThat(worker.answer("run")).startsWith("failed ").contains("got 'run'");
        assertThat(worker.answer("prepare train-vgg-1 1 x"))
                .startsWith("failed ")
                .contains("got 'train-vgg-1'");
    }
}
