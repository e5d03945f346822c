package org.alborz.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.alborz.autograd.Tape;
import org.alborz.backend.BackendOptions;
import org.alborz.nn.Activations;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.nn.Residual;
import org.alborz.nn.Sequential;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What neighbouring operations of evaluation are fused into, and that nothing else comes of it. */
class LookaheadTest {
    private static final Conv2dParameters PLAIN = Conv2dParameters.defaults();
    private static final Op CONVOLUTION = new Conv2dOp(PLAIN, Activation.NONE);
    private static final Op RECTIFIED = new Conv2dOp(PLAIN, Activation.RELU);

    private Session session;
    private Tensor images;
    private Tensor filters;

    @BeforeEach
    void open() {
        session = Session.open("cpu-scalar", BackendOptions.defaults().withPoison(), DType.FLOAT32);
        images = random(1, Shape.of(2, 3, 5, 4));
        filters = random(2, Shape.of(4, 3, 1, 1));
    }

    @AfterEach
    void close() {
        session.close();
    }

    private Tensor random(int stream, Shape shape) {
        return session.uniform(new RandomKey(7, stream, 0), shape).sub(0.5);
    }

    /** A layer that users may write. */
    private record Own(UnaryOperator<Tensor> function) implements Layer {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return function.apply(x);
        }
    }

    private Tensor convolve(Tensor x) {
        return Engine.apply(CONVOLUTION, x, filters, null, null);
    }

    /** Returns the operations that evaluating a layer applies, and checks that the result is that of the operations one by one. */
    private List<Op> operations(Layer layer, Tensor x) {
        List<Op> seen = new ArrayList<>();
        try (Scope scope = session.scope("test");
                Model model = Model.create(session, layer, 1)) {
            float[] plain =
                    layer.forward(new Tape(session).watch(x), Pass.evaluation()).toFloats(); // recorded: not deferred
            float[] fused;
            try (Observation observation = session.observe(operation -> seen.add(operation.op()))) {
                fused = model.forward(x, Pass.evaluation()).toFloats();
            }
            assertThat(fused).usingComparatorWithPrecision(1e-5f).containsExactly(plain);
        }
        return seen;
    }

    @Test
    void aConvolutionTakesInWhatFollowsIt() {
        Layer net = new Sequential(new Conv2d(3, 4, 1), new BatchNorm(4), Activations.relu(), new Conv2d(4, 2, 1));
        assertThat(operations(net, images))
                .contains(RECTIFIED, CONVOLUTION)
                .noneMatch(op -> op instanceof BatchNormInference || op.name().equals("relu"));
    }

    @Test
    void aResidualBlockAddsInItsLastConvolution() {
        Layer body = new Sequential(new Conv2d(3, 3, 1), new BatchNorm(3));
        assertThat(operations(new Residual(body), images))
                .contains(RECTIFIED)
                .noneMatch(op -> op.name().equals("relu") || op instanceof BatchNormInference);
    }

    @Test
    void aProductTakesInARectifier() {
        assertThat(operations(new Sequential(new Linear(4, 3), Activations.relu()), random(3, Shape.of(2, 4))))
                .containsExactly(new LinearOp(Activation.RELU));
    }

    @Test
    void aNormalizationTakesInARectifier() {
        assertThat(operations(new Sequential(new BatchNorm(3), Activations.relu()), images))
                .contains(new BatchNormInference(Activation.RELU))
                .noneMatch(op -> op.name().equals("relu"));
    }

    @Test
    void aLayerOfOnesOwnIsFusedWhereItClosesWhatIsInBetween() {
        assertThat(operations(
                        new Own(x -> {
                            try (Tensor y = convolve(x)) {
                                return y.relu();
                            }
                        }),
                        images))
                .containsExactly(RECTIFIED);
    }

    @Test
    void whatStaysOpenIsComputedByItself() {
        List<Tensor> between = new ArrayList<>();
        Layer layer = new Own(x -> {
            Tensor y = convolve(x);
            between.add(y);
            return y.relu();
        });
        assertThat(operations(layer, images)).hasSize(2).startsWith(CONVOLUTION);
        assertThat(between).allMatch(Tensor::isClosed); // by the scope
        try (Model model = Model.create(session, layer, 1)) {
            Tensor y = model.forward(images, Pass.evaluation());
            assertThat(between.get(2).relu().toFloats()).isEqualTo(y.toFloats());
        }
    }

    @Test
    void aResultInTheMiddleMayBeReadLater() {
        List<float[]> read = new ArrayList<>();
        Layer layer = new Own(x -> {
            Tensor y = convolve(x);
            Tensor alias = y.detach();
            Tensor z = y.relu();
            y.close();
            read.add(alias.toFloats());
            return z;
        });
        operations(layer, images);
        assertThat(read.get(1)).isEqualTo(convolve(images).toFloats());
    }

    @Test
    void changesInPlaceComeAfterWhatWasAppliedBefore() {
        float[] expected = convolve(images).toFloats();
        Layer changes = new Own(x -> {
            Tensor y = convolve(x);
            filters.fill(0);
            return y;
        });
        try (Model model = Model.create(session, changes, 1)) {
            assertThat(model.forward(images, Pass.evaluation()).toFloats()).isEqualTo(expected);
        }
    }

    @Test
    void arraysAreWrittenAfterWhatWasAppliedBefore() {
        float[] expected = convolve(images).toFloats();
        Layer writes = new Own(x -> {
            Tensor y = convolve(x);
            session.write(new float[(int) filters.shape().elements()], filters);
            return y;
        });
        try (Model model = Model.create(session, writes, 1)) {
            assertThat(model.forward(images, Pass.evaluation()).toFloats()).isEqualTo(expected);
        }
    }

    @Test
    void whatNobodyReadsIsNotComputedAndHoldsNoMemory() {
        Layer drops = new Own(x -> {
            convolve(x).close();
            return x.add(1);
        });
        assertThat(operations(drops, images)).noneMatch(op -> op instanceof Conv2dOp);
        long used = session.memory().used();
        try (Scope scope = session.scope("test");
                Model model = Model.create(session, drops, 1)) {
            model.forward(images, Pass.evaluation());
        }
        assertThat(session.memory().used()).isEqualTo(used);
    }

    @Test
    void mistakesAreReportedWhereTheyAreMade() {
        Tensor narrow = random(4, Shape.of(2, 2, 5, 4));
        try (Model model = Model.create(session, new Sequential(new Conv2d(3, 4, 1), new BatchNorm(5)), 1)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> model.forward(narrow, Pass.evaluation()))
                    .withMessageContaining("Conv2d")
                    .withMessageContaining("[2, 2, 5, 4]");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> model.forward(images, Pass.evaluation()))
                    .withMessageContaining("BatchNorm expects input [N, 5]");
        }
        assertThat(convolve(images).toFloats()).doesNotContain(Float.NaN);
    }

    @Test
    void aFailureOfALayerLeavesNothingDeferred() {
        List<Tensor> left = new ArrayList<>();
        Layer fails = new Own(x -> {
            left.add(convolve(x));
            throw new IllegalStateException("on purpose");
        });
        try (Model model = Model.create(session, fails, 1)) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> model.forward(images, Pass.evaluation()))
                    .withMessage("on purpose");
        }
        assertThat(left.get(0).toFloats()).isEqualTo(convolve(images).toFloats());
    }

    @Test
    void whatATapeRecordsIsNotDeferred() {
        Layer net = new Sequential(new Conv2d(3, 4, 1), Activations.relu());
        List<Op> seen = new ArrayList<>();
        try (Model model = Model.create(session, net, 1);
                Tape tape = new Tape(session);
                Observation observation = session.observe(operation -> seen.add(operation.op()))) {
            Tensor x = tape.watch(images);
            assertThat(model.forward(x, Pass.evaluation()).isRecorded()).isTrue();
        }
        assertThat(seen).hasSize(2);
    }
}
