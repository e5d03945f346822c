package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.alborz.autograd.Tape;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Flatten;
import org.alborz.nn.Initializer;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.MaxPool2d;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.nn.Sequential;
import org.alborz.nn.Structure;
import org.alborz.optim.Adam;
import org.alborz.optim.AdamW;
import org.alborz.optim.Optimizer;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.DType;

/** PyTorch's optimizers step by step, and its ten losses of a small CNN. */
final class GoldenTraining {
    private static final Tolerance VALUES = new Tolerance(2e-6, 1e-13, false);
    private static final String NETWORK = "conv1 3 to 8 channels, 3x3, padding 1; relu; maxpool 2x2; "
            + "conv2 8 to 16 channels, 3x3, padding 1; relu; maxpool 2x2; flatten; linear 64 to 10; cross-entropy, mean";

    private static final Map<String, String> NAMES = Map.of(
            "0.weight",
            "conv1_weight",
            "0.bias",
            "conv1_bias",
            "2.weight",
            "conv2_weight",
            "2.bias",
            "conv2_bias",
            "5.weight",
            "linear_weight",
            "5.bias",
            "linear_bias");

    private GoldenTraining() {}

    private static Optimizer optimizer(GoldenCase golden, String name) {
        double rate = golden.number("lr");
        double decay = golden.number("weight_decay");
        return switch (name) {
            case "SGD" -> sgd(rate, golden).weightDecay(decay);
            case "Adam" ->
                new Adam(rate)
                        .betas(golden.number("beta1"), golden.number("beta2"))
                        .epsilon(golden.number("eps"))
                        .weightDecay(decay);
            case "AdamW" ->
                new AdamW(rate)
                        .betas(golden.number("beta1"), golden.number("beta2"))
                        .epsilon(golden.number("eps"))
                        .weightDecay(decay);
            default ->
                throw new IllegalStateException(
                        "The golden values hold an unknown optimizer: " + name + ". Add it here.");
        };
    }

    private static Sgd sgd(double rate, GoldenCase golden) {
        Sgd plain = new Sgd(rate).momentum(golden.number("momentum"));
        return golden.flag("nesterov") ? plain.nesterov() : plain;
    }

    /** A module that is nothing but one parameter. */
    private record Single(Parameter parameter) implements Layer {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return x.mul(pass.use(parameter));
        }

        @Override
        public void describe(Structure structure) {
            structure.parameter("value", parameter);
        }
    }

    static void optimizer(Session session, GoldenCase golden) {
        HostArray initial = golden.tensor("initial");
        HostArray gradients = golden.tensor("gradients");
        HostArray values = golden.tensor("values");
        Parameter parameter = Parameter.of(initial.shape(), Initializer.constant(0));
        try (Model model = Model.create(session, new Single(parameter), 1)) {
            Optimizer optimizer = optimizer(golden, golden.layer());
            optimizer.attach(model);
            parameter.value().assign(GoldenChecks.upload(session, initial));
            for (int step = 0; step < gradients.shape().size(0); step++) {
                HostArray gradient = row(gradients, step);
                model.gradientViews().get(0).assign(GoldenChecks.upload(session, gradient));
                optimizer.step(optimizer.learningRate(), step + 1);
                VALUES.check("values after step " + (step + 1), parameter.value(), row(values, step));
            }
        }
    }

    private static HostArray row(HostArray table, int row) {
        return HostArray.compute(table.shape().remove(0), i -> table.at(row, i[0]));
    }

    private static Layer network() {
        return new Sequential(
                new Conv2d(3, 8, 3).padding(1).activation(Activation.RELU),
                new MaxPool2d(2),
                new Conv2d(8, 16, 3).padding(1).activation(Activation.RELU),
                new MaxPool2d(2),
                new Flatten(),
                new Linear(64, 10));
    }

    static void training(Session session, GoldenCase golden) {
        assertThat(golden.text("network")).isEqualTo(NETWORK);
        try (Model model = Model.create(session, network(), 1)) {
            Optimizer optimizer = optimizer(golden, golden.text("optimizer"));
            optimizer.attach(model);
            NAMES.forEach((ours, theirs) ->
                    model.parameters().get(ours).value().assign(GoldenChecks.upload(session, golden.tensor(theirs))));
            Tensor x = GoldenChecks.upload(session, golden.tensor("input"));
            Tensor labels = GoldenChecks.labels(session, golden);
            double percent = session.dtype() == DType.FLOAT64 ? 1e-10 : 1e-4;
            double[] losses = golden.tensor("losses").values();
            for (int step = 1; step <= losses.length; step++) {
                assertThat(step(session, model, optimizer, x, labels, step))
                        .as("loss before update %d", step)
                        .isCloseTo(losses[step - 1], withinPercentage(percent));
            }
            checkSums(golden, model, session.dtype() == DType.FLOAT64 ? 1e-10 : 1e-4);
        }
    }

    /** Takes one step and returns the loss before it. */
    static double step(Session session, Model model, Optimizer optimizer, Tensor x, Tensor labels, long step) {
        try (Scope scope = session.scope("step");
                Tape tape = new Tape(session)) {
            Pass pass = Pass.training(tape, 1, step);
            Tensor loss = Loss.crossEntropy().of(model.forward(x, pass), labels);
            double value = loss.item();
            List<Tensor> used = new ArrayList<>();
            model.trainable().forEach(parameter -> used.add(pass.used(parameter)));
            tape.gradientsInto(loss, used, model.gradientViews());
            optimizer.step(optimizer.learningRate(), step);
            return value;
        }
    }

    /** Compares the sums of the trained parameters; their terms cancel, so the error is measured by the terms. */
    private static void checkSums(GoldenCase golden, Model model, double tolerance) {
        NAMES.forEach((ours, theirs) -> {
            double[] values = model.parameters().get(ours).value().toDoubles();
            HostArray trained = HostArray.vector(values);
            double magnitude = trained.map(Math::abs).sum();
            double expected = golden.tensor(theirs + "_final_sum").sum();
            assertThat(Math.abs(trained.sum() - expected))
                    .as("error of the sum of %s, expected %s", theirs, expected)
                    .isLessThanOrEqualTo(tolerance * magnitude);
        });
    }
}
