package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.alborz.AllocatedBytes;
import org.alborz.FreshJvm;
import org.alborz.ProcessorTime;
import org.alborz.backend.MemoryStatistics;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.models.Models;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A training step that has found its memory takes no more of it. */
class SteadyStateTest {
    /** A run of this many steps in a row below the limit is a steady state; the JIT compiler may take its time to get there. */
    private static final int STEADY_STEPS = 20;

    /** Of processor time in the JVM of the other tests; a run that needs longer starts again in a JVM of its own. */
    private static final long SHARED_JVM_NANOS = 10_000_000_000L;

    /** Of processor time in a JVM of its own, reached only by a run that never gets there. */
    private static final long FRESH_JVM_NANOS = 40_000_000_000L;

    private static final int FRESH_JVMS = 2;

    /** What is left are handles of tensors, nodes of the tape and shapes: by batch normalization most in resnet20. */
    @ParameterizedTest
    @CsvSource({"mlp, 13", "cifar-cnn, 25", "resnet20, 54"})
    void aStepAllocatesFewKibibytesOfJavaHeap(String name, double kibibytes) throws IOException, InterruptedException {
        long limit = (long) (kibibytes * 1024);
        long most = mostOfTheLastSteps(name, limit, SHARED_JVM_NANOS);
        for (int i = 0; i < FRESH_JVMS && most >= limit; i++) {
            // As in AllocationTest: rarely, JDK 17's compiler leaves a method in a bad version, in one JVM and not in
            // the next.
            System.out.println("SteadyStateTest trains again, in a JVM of its own, since a step of " + name
                    + " allocated " + most + " bytes");
            String printed = FreshJvm.run(Main.class, name, Long.toString(limit));
            most = Long.parseLong(printed.replaceFirst("(?s).*allocated (\\d+) bytes.*", "$1"));
        }
        assertThat(most).as("bytes a step, all threads").isLessThan(limit);
    }

    /** Trains a net until a step allocates less than a limit. */
    static final class Main {
        private Main() {}

        public static void main(String[] arguments) {
            long limit = Long.parseLong(arguments[1]);
            System.out.println("allocated " + mostOfTheLastSteps(arguments[0], limit, FRESH_JVM_NANOS) + " bytes");
        }
    }

    private static long mostOfTheLastSteps(String name, long limit, long processorNanos) {
        List<Long> allocated = new ArrayList<>();
        Callback watch = new Callback() {
            private final long start = ProcessorTime.nanos();
            private long before;

            @Override
            public void onStepEnd(Trainer trainer) {
                long now = AllocatedBytes.ofAllThreads();
                allocated.add(now - before);
                before = now;
                if (lastSteps(allocated).stream().allMatch(bytes -> bytes < limit) && allocated.size() > STEADY_STEPS) {
                    trainer.stop("it is steady");
                } else if (ProcessorTime.nanos() - start > processorNanos) {
                    trainer.stop("it does not become steady");
                }
                Thread.yield();
            }
        };
        DataLoader loader = DataLoader.of(GeneratedImages.train(1, 8 * 600), 8)
                .shuffle(true)
                .build();
        try (Session session = Session.open("cpu-vector")) {
            Model model = Model.create(session, Models.byName(name, 10), 1);
            Trainer.classifier(model, new Adam(1e-3), Loss.crossEntropy())
                    .callback(watch)
                    .build()
                    .fit(loader, Integer.MAX_VALUE);
            model.close();
        }
        return Collections.max(lastSteps(allocated));
    }

    private static List<Long> lastSteps(List<Long> allocated) {
        return allocated.subList(Math.max(0, allocated.size() - STEADY_STEPS), allocated.size());
    }

    @Test
    void memoryIsFlatOverAThousandSteps() {
        List<MemoryStatistics> seen = new ArrayList<>();
        Callback watch = new Callback() {
            @Override
            public void onStepEnd(Trainer trainer) {
                if (trainer.step() == 20 || trainer.step() == 1000) {
                    seen.add(trainer.model().session().memory());
                }
            }
        };
        try (Session session = Session.open("cpu-vector")) {
            Trainer trainer = TrainingRuns.trainer(session, new Adam(1e-3), watch, TrainingRuns.stopAfter(1000));
            trainer.fit(TrainingRuns.loader(64, 4), 1000);
            assertThat(seen).hasSize(2);
            assertThat(seen.get(1)).isEqualTo(seen.get(0));
            trainer.model().close();
        }
    }
}
