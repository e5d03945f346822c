package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.alborz.autograd.Tape;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.LstmSequence;
import org.alborz.nn.Lstm;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.ops.LstmOp;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VectorLstmSequenceTest {
    private static Session session(int threads) {
        return Session.open("cpu-vector", BackendOptions.defaults().withThreads(threads), DType.FLOAT32);
    }

    private static Tensor random(Session session, int seed, int... sizes) {
        return session.normal(new RandomKey(seed, 0, 0), Shape.of(sizes));
    }

    @ParameterizedTest
    @CsvSource({"33, 5, 7", "70, 3, 20", "3, 4, 65", "33, 2, 70"})
    void bitsAreTheSameForAnyNumberOfThreads(int batch, int steps, int hidden) {
        List<float[]> expected = run(1, batch, steps, hidden);
        for (int threads : new int[] {2, 3, 5}) {
            List<float[]> actual = run(threads, batch, steps, hidden);
            for (int i = 0; i < actual.size(); i++) {
                assertThat(actual.get(i))
                        .as("number %d with %d threads", i, threads)
                        .isEqualTo(expected.get(i));
            }
        }
    }

    /** Returns the output, the last states and all gradients of a net in both directions, of sequences that end early. */
    private static List<float[]> run(int threads, int batch, int steps, int hidden) {
        int[] lengths = new int[batch];
        for (int i = 0; i < batch; i++) {
            lengths[i] = 1 + i % steps;
        }
        List<float[]> all = new ArrayList<>();
        try (Session session = session(threads);
                Tape tape = new Tape(session)) {
            Lstm lstm = new Lstm(4, hidden).bidirectional(true);
            Model model = Model.create(session, lstm, 1);
            Pass pass = Pass.training(tape, 1, 1);
            Tensor x = tape.watch(random(session, 1, batch, steps, 4));
            Lstm.Output y = lstm.run(x, null, session.tensor(lengths), pass);
            List<Tensor> watched = new ArrayList<>(List.of(x));
            model.trainable().forEach(parameter -> watched.add(pass.used(parameter)));
            Tensor[] targets = watched.toArray(Tensor[]::new);
            Tensor sum = y.output().square().sum().add(y.state().cell().sum());
            var gradients = tape.gradients(sum, targets);
            all.add(y.output().toFloats());
            all.add(y.state().hidden().toFloats());
            all.add(y.state().cell().toFloats());
            for (Tensor target : targets) {
                all.add(gradients.of(target).toFloats());
            }
            model.close();
        }
        return all;
    }

    /** So whether the backend has a layer of its own for some sizes changes no bit of what is evaluated. */
    @ParameterizedTest
    @CsvSource({"3, 4, 16", "9, 3, 33", "4, 2, 600", "29, 2, 300"})
    void bitsAreThoseOfSingleSteps(int batch, int steps, int hidden) {
        try (Session session = session(2)) {
            LstmSequence fusion = session.backend().fusion(LstmSequence.class).orElseThrow();
            assertThat(fusion.takes(DType.FLOAT32, batch, steps, hidden)).isTrue();
            Tensor sums = random(session, 1, batch, steps, 4 * hidden);
            Tensor weight = random(session, 2, 4 * hidden, hidden).mul(0.1);
            Tensor h = random(session, 3, batch, hidden);
            Tensor c = random(session, 4, batch, hidden);
            for (boolean reverse : new boolean[] {false, true}) {
                Tensor[] actual = LstmOp.apply(reverse, sums, weight, h, c, null);
                Tensor[] expected = LstmOp.composed(reverse, sums, weight, h, c, null);
                assertThat(actual[0].toFloats()).isEqualTo(expected[0].toFloats());
                assertThat(actual[1].toFloats()).isEqualTo(expected[1].toFloats());
            }
        }
    }

    @Test
    void evaluationKeepsNeitherGatesNorCellStates() {
        int batch = 8;
        int steps = 50;
        int hidden = 16;
        try (Session session = session(1)) {
            Tensor sums = random(session, 1, batch, steps, 4 * hidden);
            Tensor weight = random(session, 2, 4 * hidden, hidden);
            Tensor zero = session.zeros(Shape.of(batch, hidden));
            long before = session.memory().used();
            Tensor[] results = LstmOp.apply(false, sums, weight, zero, zero, null);
            assertThat(results).hasSize(2);
            assertThat(session.memory().used() - before).isLessThan(2L * batch * steps * hidden * Float.BYTES);
        }
    }

    @Test
    void whatItDoesNotTakeIsComposed() {
        try (Session session = session(1)) {
            LstmSequence fusion = session.backend().fusion(LstmSequence.class).orElseThrow();
            assertThat(fusion.takes(DType.FLOAT64, 8, 8, 8)).isFalse();
            assertThat(fusion.takes(DType.BFLOAT16, 8, 8, 8)).isFalse();
            assertThat(fusion.takes(DType.FLOAT32, 1, 8, 8)).isFalse();
            assertThat(fusion.takes(DType.FLOAT32, 8, 1, 8)).isFalse();
        }
    }
}
