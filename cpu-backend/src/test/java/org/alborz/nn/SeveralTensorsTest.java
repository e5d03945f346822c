package org.alborz.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.alborz.optim.Adam;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nets with several inputs or outputs: plain classes with forward methods of their own. */
class SeveralTensorsTest {
    private Session session;
    private Tensor x;

    @BeforeEach
    void open() {
        session = Session.open("cpu-scalar");
        x = session.normal(new RandomKey(1, 0, 0), Shape.of(8, 4));
    }

    @AfterEach
    void close() {
        session.close();
    }

    /** Tells how far two inputs are from each other, by one tower for both. */
    private static final class Siamese implements Module {
        private final Sequential tower = new Sequential(new Linear(4, 8).activation(Activation.RELU), new Linear(8, 2));

        Tensor forward(Tensor a, Tensor b, Pass pass) {
            return tower.forward(a, pass).sub(tower.forward(b, pass)).square().sum(false, 1);
        }

        @Override
        public void describe(Structure structure) {
            structure.module("tower", tower);
        }
    }

    @Test
    void aSiameseNetLearnsWhichInputsBelongTogether() {
        Siamese net = new Siamese();
        Tensor negated = x.neg();
        Tensor near = x.add(0.01);
        try (Model model = Model.create(session, net, 1)) {
            assertThat(model.parameters().keySet())
                    .containsExactly("tower.0.weight", "tower.0.bias", "tower.1.weight", "tower.1.bias");
            Adam adam = new Adam(0.02);
            for (int number = 1; number <= 60; number++) {
                try (TrainingStep step = model.step(1, number)) {
                    Tensor together = net.forward(x, near, step.pass());
                    Tensor apart = net.forward(x, negated, step.pass());
                    step.backward(together.mean().add(apart.neg().add(4).relu().mean()));
                    adam.step(step);
                }
            }
            Tensor together = net.forward(x, near, Pass.evaluation());
            Tensor apart = net.forward(x, negated, Pass.evaluation());
            assertThat(together.mean().item()).isLessThan(0.1);
            assertThat(apart.mean().item()).isGreaterThan(2);
            assertThatIllegalStateException()
                    .isThrownBy(() -> model.forward(x, Pass.evaluation()))
                    .withMessageContainingAll("Siamese", "Layer", "net.forward(a, b, pass)");
            try (TrainingStep step = model.step(1, 61)) {
                assertThatIllegalStateException()
                        .isThrownBy(() -> step.forward(x))
                        .withMessageContaining("Siamese");
            }
        }
    }

    /** A class and a number from one trunk. */
    private static final class TwoHeads implements Module {
        private final Layer trunk = new Sequential(new Linear(4, 16), new BatchNorm(16), Activations.relu());
        private final Layer kind = new Linear(16, 2);
        private final Layer size = new Linear(16, 1);

        /** What the net says of a batch. */
        record Output(Tensor kind, Tensor size) {}

        Output forward(Tensor input, Pass pass) {
            Tensor features = trunk.forward(input, pass);
            return new Output(kind.forward(features, pass), size.forward(features, pass));
        }

        @Override
        public void describe(Structure structure) {
            structure.module("trunk", trunk);
            structure.module("kind", kind);
            structure.module("size", size);
        }
    }

    @Test
    void twoHeadsLearnFromTwoTargets() {
        TwoHeads net = new TwoHeads();
        Tensor labels = session.tensor(new int[] {0, 1, 0, 1, 1, 0, 1, 0}, Shape.of(8));
        Tensor sizes = x.sum(true, 1);
        double before = 0;
        double after = 0;
        try (Model model = Model.create(session, net, 1)) {
            Adam adam = new Adam(0.02);
            for (int number = 1; number <= 80; number++) {
                try (TrainingStep step = model.step(1, number)) {
                    TwoHeads.Output output = net.forward(x, step.pass());
                    Tensor loss = Loss.crossEntropy()
                            .of(output.kind(), labels)
                            .add(Loss.mse().of(output.size(), sizes));
                    step.backward(loss);
                    adam.step(step);
                    before = number == 1 ? loss.item() : before;
                    after = loss.item();
                }
            }
            assertThat(after).isLessThan(0.1 * before);
            assertThat(net.forward(x, Pass.evaluation()).kind().argMax(1).toInts())
                    .isEqualTo(labels.toInts());
        }
    }

    /** An encoder and a decoder, of which the code in between is an output too. */
    private static final class Autoencoder implements Module {
        private final Layer encoder = new Sequential(new Linear(4, 16), Activations.tanh(), new Linear(16, 3));
        private final Layer decoder = new Sequential(new Linear(3, 16), Activations.tanh(), new Linear(16, 4));

        Tensor encode(Tensor input, Pass pass) {
            return encoder.forward(input, pass);
        }

        Tensor decode(Tensor code, Pass pass) {
            return decoder.forward(code, pass);
        }

        @Override
        public void describe(Structure structure) {
            structure.module("encoder", encoder);
            structure.module("decoder", decoder);
        }
    }

    @Test
    void anAutoencoderLearnsToRestoreItsInput() {
        Autoencoder net = new Autoencoder();
        try (Model model = Model.create(session, net, 1)) {
            double before = error(net);
            Adam adam = new Adam(0.01);
            for (int number = 1; number <= 200; number++) {
                try (TrainingStep step = model.step(1, number)) {
                    Tensor code = net.encode(x, step.pass());
                    Tensor loss = Loss.mse().of(net.decode(code, step.pass()), x);
                    step.backward(loss.add(code.square().mean().mul(1e-4)));
                    adam.step(step);
                }
            }
            assertThat(error(net)).isLessThan(0.1 * before);
        }
    }

    private double error(Autoencoder net) {
        Tensor code = net.encode(x, Pass.evaluation());
        return Loss.mse().of(net.decode(code, Pass.evaluation()), x).item();
    }
}
