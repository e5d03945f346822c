package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.nn.CtcLoss;
import org.alborz.nn.Layer;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;

/** Layers, losses, optimizers and the training of a small CNN give what PyTorch gives. */
final class GoldenChecks {
    private static final Tolerance CLOSE = new Tolerance(1e-5, 1e-12, false);
    private static final int FEWEST_CASES = 136;

    private final Sessions sessions;

    GoldenChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    Stream<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        tests.add(dynamicTest(
                "no case is lost", () -> assertThat(GoldenCase.names()).hasSizeGreaterThanOrEqualTo(FEWEST_CASES)));
        for (String name : GoldenCase.names()) {
            for (DType dtype : Sessions.FLOATING) {
                tests.add(dynamicTest(
                        name + " / " + dtype, () -> sessions.run(dtype, session -> check(session, name))));
            }
        }
        return tests.stream();
    }

    private static void check(Session session, String name) {
        GoldenCase golden = GoldenCase.read(name);
        switch (golden.layer()) {
            case "CrossEntropyLoss", "MSELoss" -> loss(session, golden);
            case "CTCLoss" -> ctc(session, golden);
            case "SGD", "Adam", "AdamW" -> GoldenTraining.optimizer(session, golden);
            case "training" -> GoldenTraining.training(session, golden);
            default -> layer(session, golden);
        }
    }

    private static void layer(Session session, GoldenCase golden) {
        Layer module = GoldenLayers.of(golden);
        try (Model model = Model.create(session, module, 1)) {
            Map<String, String> names = GoldenLayers.names(golden, model);
            load(session, golden, model, names);
            boolean training = GoldenLayers.isTraining(golden);
            Tape tape = new Tape(session);
            Pass pass = training ? Pass.training(tape, 1, 1) : Pass.evaluation(tape);
            Tensor x = tape.watch(upload(session, golden.tensor("input")));
            Tensor y = model.forward(x, pass);
            HostArray expected = golden.tensor("output");
            // Global pooling drops the axes that PyTorch keeps with size 1.
            CLOSE.check("output", y.reshape(expected.shape()), expected);
            Tensor weights = upload(session, golden.tensor("output_gradient")).reshape(y.shape());
            List<Parameter> parameters = model.trainable();
            Gradients gradients = tape.gradients(y, weights, watched(x, parameters, pass));
            CLOSE.check("gradient of the input", gradients.of(x), golden.tensor("input_gradient"));
            for (Parameter parameter : parameters) {
                String key = names.get(parameter.name()) + "_gradient";
                CLOSE.check(key, gradients.of(pass.used(parameter)), golden.tensor(key));
            }
            checkStates(golden, model, names);
        }
    }

    private static Tensor[] watched(Tensor x, List<Parameter> parameters, Pass pass) {
        List<Tensor> watched = new ArrayList<>(List.of(x));
        parameters.forEach(parameter -> watched.add(pass.used(parameter)));
        return watched.toArray(Tensor[]::new);
    }

    /** Loads every tensor of the case that has a gradient or a later value, and insists that the model knows it. */
    static void load(Session session, GoldenCase golden, Model model, Map<String, String> names) {
        Set<String> given = new TreeSet<>(golden.tensors());
        given.removeIf(key ->
                key.equals("input") || key.startsWith("output") || key.endsWith("_gradient") || key.endsWith("_after"));
        assertThat(names.values()).as("tensors that the model has").containsExactlyInAnyOrderElementsOf(given);
        names.forEach((parameter, key) ->
                model.parameters().get(parameter).value().assign(upload(session, golden.tensor(key))));
    }

    private static void checkStates(GoldenCase golden, Model model, Map<String, String> names) {
        model.parameters().forEach((name, parameter) -> {
            if (!parameter.isTrainable()) {
                String key = names.get(name) + "_after";
                CLOSE.check(key, parameter.value(), golden.tensor(key));
            }
        });
    }

    private static void loss(Session session, GoldenCase golden) {
        Tape tape = new Tape(session);
        Tensor x = tape.watch(upload(session, golden.tensor("input")));
        boolean classes = golden.layer().equals("CrossEntropyLoss");
        Tensor target = classes ? labels(session, golden) : tape.watch(upload(session, golden.tensor("target")));
        assertThat(golden.text("reduction")).isEqualTo("mean");
        Loss loss = classes ? Loss.crossEntropy(golden.number("label_smoothing")) : Loss.mse();
        Tensor value = loss.of(x, target);
        CLOSE.check("loss", value, golden.tensor("output"));
        Tensor weight = upload(session, golden.tensor("output_gradient"));
        Tensor[] watched = classes ? new Tensor[] {x} : new Tensor[] {x, target};
        Gradients gradients = tape.gradients(value, weight, watched);
        CLOSE.check("gradient of the input", gradients.of(x), golden.tensor("input_gradient"));
        if (!classes) {
            CLOSE.check("gradient of the target", gradients.of(target), golden.tensor("target_gradient"));
        }
    }

    private static void ctc(Session session, GoldenCase golden) {
        Tensor inputLengths = session.tensor(golden.list("input_lengths"));
        Tensor labelLengths = session.tensor(golden.list("label_lengths")).to(DType.INT64);
        Shape shape = Shape.of(labelLengths.shape().size(0), golden.whole("most_labels"));
        Tensor labels = session.tensor(golden.list("labels"), shape);
        CtcLoss loss = new CtcLoss(golden.whole("blank"), golden.flag("zero_infinity"));
        Tape tape = new Tape(session);
        Tensor x = tape.watch(upload(session, golden.tensor("input")));
        Tensor logs = x.logSoftmax();
        Tensor value = switch (golden.text("reduction")) {
            case "mean" -> loss.of(logs, labels, inputLengths, labelLengths);
            case "sum" -> loss.sum(logs, labels, inputLengths, labelLengths);
            default -> loss.terms(logs, labels, inputLengths, labelLengths);
        };
        CLOSE.check("loss", value, golden.tensor("output"));
        Tensor weight = upload(session, golden.tensor("output_gradient"));
        Tensor gradient = tape.gradients(value, weight, new Tensor[] {x}).of(x);
        CLOSE.check("gradient of the input", gradient, golden.tensor("input_gradient"));
    }

    static Tensor labels(Session session, GoldenCase golden) {
        int[] labels = golden.labels();
        return session.tensor(labels, Shape.of(labels.length));
    }

    static Tensor upload(Session session, HostArray array) {
        return session.tensor(array.values(), array.shape());
    }
}
