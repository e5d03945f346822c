package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.nn.Activations;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Dropout;
import org.alborz.nn.GlobalAvgPool2d;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.nn.Residual;
import org.alborz.nn.Sequential;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;

/** Layers that evaluation does together, such as a convolution and the batch normalisation after it, against one after the other. */
final class EvaluationChecks {
    private static final int CHANNELS = 8;

    private final Sessions sessions;

    EvaluationChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    Stream<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        chains().forEach((name, layers) -> {
            for (DType dtype : Sessions.FLOATING) {
                tests.add(dynamicTest(
                        name + " / " + dtype, () -> sessions.run(dtype, session -> checkChain(name, session, layers))));
                tests.add(dynamicTest(
                        name + " in a residual block / " + dtype,
                        () -> sessions.run(dtype, session -> checkResidual(name, session, layers))));
            }
        });
        tests.add(on("an addend that broadcasts", EvaluationChecks::checkBroadcast));
        tests.add(on("gradients of a recorded evaluation", EvaluationChecks::checkGradients));
        tests.add(on("a batch norm of other channels", EvaluationChecks::checkMismatch));
        return tests.stream();
    }

    private DynamicNode on(String name, Consumer<Session> check) {
        return dynamicTest(name, () -> sessions.run(DType.FLOAT64, check::accept));
    }

    private static Map<String, List<Layer>> chains() {
        Map<String, List<Layer>> chains = new LinkedHashMap<>();
        chains.put("no layers", List.of());
        chains.put("convolution, batch norm", List.of(conv().bias(false), norm()));
        chains.put("convolution with bias, batch norm", List.of(conv(), norm()));
        chains.put("convolution, batch norm, relu", List.of(conv(), norm(), Activations.relu()));
        chains.put("convolution, relu, batch norm", List.of(conv(), Activations.relu(), norm()));
        chains.put(
                "convolution with activation, batch norm, relu",
                List.of(conv().activation(Activation.RELU), norm(), Activations.relu()));
        chains.put("convolution, batch norm twice", List.of(conv(), norm(), norm()));
        chains.put("convolution, batch norm, relu6", List.of(conv(), norm(), Activations.relu6()));
        chains.put("batch norm, relu6, relu6", List.of(norm(), Activations.relu6(), Activations.relu6()));
        chains.put("linear, relu6", List.of(new Linear(6, 6), Activations.relu6()));
        chains.put("convolution, gelu", List.of(conv(), Activations.gelu()));
        chains.put("batch norm, relu", List.of(norm(), Activations.relu()));
        chains.put("dropout", List.of(new Dropout(0.5)));
        chains.put("linear of rows, batch norm", List.of(new Linear(6, 6), norm()));
        chains.put(
                "two convolutions",
                List.of(conv().bias(false), norm(), Activations.relu(), conv().bias(false), norm()));
        chains.put(
                "a chain in a chain",
                List.of(new Sequential(conv(), norm()), norm(), new Sequential(conv()), Activations.relu()));
        return chains;
    }

    private static Conv2d conv() {
        return new Conv2d(CHANNELS, CHANNELS, 3).padding(1);
    }

    private static BatchNorm norm() {
        return new BatchNorm(CHANNELS);
    }

    private static Tensor input(Session session) {
        HostArray images = HostArray.uniform(1, -1, 1, Shape.of(2, CHANNELS, 5, 6));
        return session.tensor(images.values(), images.shape());
    }

    /** Gives the running statistics, scales and shifts other values than 0 and 1, so that they matter. */
    private static Model create(Session session, Layer module) {
        Model model = Model.create(session, module, 1);
        int seed = 100;
        for (Parameter parameter : model.parameters().values()) {
            if (parameter.shape().rank() == 1) {
                HostArray values = HostArray.uniform(seed++, 0.5, 1.5, parameter.shape());
                parameter.value().assign(session.tensor(values.values(), values.shape()));
            }
        }
        return model;
    }

    private static Tensor oneByOne(List<Layer> layers, Tensor x) {
        Tensor value = x;
        for (Layer layer : layers) {
            value = layer.forward(value, Pass.evaluation());
        }
        return value;
    }

    private static HostArray read(Tensor tensor) {
        return HostArray.of(tensor.shape(), tensor.toDoubles());
    }

    private static void checkChain(String name, Session session, List<Layer> layers) {
        Layer chain = new Sequential(layers);
        try (Model model = create(session, chain)) {
            Tensor x = input(session);
            Tensor y = chain.forward(x, Pass.evaluation());
            Tolerance.accumulated().check(name, y, read(oneByOne(layers, x)));
            x.toFloats(); // still open
        }
    }

    /** A body that makes one pixel of an image, and a shortcut that does, are spread over the other's image. */
    private static void checkBroadcast(Session session) {
        Layer pool = new GlobalAvgPool2d();
        Layer onePixel = (x, pass) -> pool.forward(x, pass).reshape(2, CHANNELS, 1, 1);
        for (boolean narrowBody : new boolean[] {true, false}) {
            List<Layer> body = narrowBody
                    ? List.of(onePixel, new Conv2d(CHANNELS, CHANNELS, 1), norm())
                    : List.of(new Conv2d(CHANNELS, CHANNELS, 1), norm());
            Layer block =
                    narrowBody ? new Residual(new Sequential(body)) : new Residual(new Sequential(body), onePixel);
            try (Model model = create(session, block)) {
                Tensor x = input(session);
                Tensor side = narrowBody ? x : onePixel.forward(x, Pass.evaluation());
                Tensor expected = oneByOne(body, x).add(side).relu();
                Tolerance.accumulated()
                        .check("narrow body: " + narrowBody, block.forward(x, Pass.evaluation()), read(expected));
            }
        }
    }

    private static void checkGradients(Session session) {
        List<Layer> layers = List.of(conv(), norm(), Activations.relu(), conv().bias(false), norm());
        Layer block = new Residual(new Sequential(layers));
        try (Model model = create(session, block)) {
            Tensor x = input(session);
            List<Tensor> folded = gradients(session, model, x, pass -> block.forward(x, pass));
            List<Tensor> plain = gradients(session, model, x, pass -> {
                Tensor value = x;
                for (Layer layer : layers) {
                    value = layer.forward(value, pass);
                }
                return value.add(x).relu();
            });
            assertThat(folded).hasSameSizeAs(plain);
            for (int i = 0; i < plain.size(); i++) {
                Tolerance.accumulated().check("gradient " + i, folded.get(i), read(plain.get(i)));
            }
        }
    }

    /** Returns the gradients of the squares' sum with respect to the trainable parameters. */
    private static List<Tensor> gradients(Session session, Model model, Tensor x, Function<Pass, Tensor> forward) {
        try (Tape tape = new Tape(session)) {
            Pass pass = Pass.evaluation(tape);
            Tensor loss = forward.apply(pass).square().sum();
            Tensor[] used = model.trainable().stream().map(pass::used).toArray(Tensor[]::new);
            Gradients gradients = tape.gradients(loss, used);
            return Stream.of(used).map(gradients::of).toList();
        }
    }

    private static void checkMismatch(Session session) {
        List<List<Layer>> chains = List.of(
                List.of(conv(), new BatchNorm(1)),
                List.of(conv().bias(false), new BatchNorm(5)),
                List.of(conv().activation(Activation.RELU), new BatchNorm(1)),
                List.of(new Sequential(Activations.gelu()), new BatchNorm(6)));
        for (List<Layer> layers : chains) {
            Layer chain = new Sequential(layers);
            try (Model model = create(session, chain)) {
                assertThatThrownBy(() -> chain.forward(input(session), Pass.evaluation()))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("BatchNorm expects input [N, ");
            }
        }
    }

    private static void checkResidual(String name, Session session, List<Layer> layers) {
        List<Layer> side = List.of(new Conv2d(CHANNELS, CHANNELS, 1), norm());
        for (boolean plain : new boolean[] {true, false}) {
            Layer body = new Sequential(layers);
            Layer block = plain ? new Residual(body) : new Residual(body, new Sequential(side));
            try (Model model = create(session, block)) {
                Tensor x = input(session);
                Tensor y = block.forward(x, Pass.evaluation());
                Tensor shortcut = plain ? x : oneByOne(side, x);
                Tensor expected = oneByOne(layers, x).add(shortcut).relu();
                Tolerance.accumulated().check(name, y, read(expected));
                x.toFloats(); // still open
            }
        }
    }
}
