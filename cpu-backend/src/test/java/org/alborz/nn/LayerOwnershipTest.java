package org.alborz.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.alborz.autograd.Tape;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers that return or keep what is not theirs alone: nets close only what nobody else can hold. */
class LayerOwnershipTest {
    private Session session;

    @BeforeEach
    void open() {
        session = Session.open("cpu-scalar");
    }

    @AfterEach
    void close() {
        session.close();
    }

    /** A layer that has one parameter, and returns what a function says. */
    private record Holder(Parameter parameter, List<Tensor> kept, Behaviour behaviour) implements Layer {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return behaviour.forward(this, x, pass);
        }

        @Override
        public void describe(Structure structure) {
            structure.parameter("table", parameter);
        }
    }

    private interface Behaviour {
        Tensor forward(Holder holder, Tensor x, Pass pass);
    }

    private static Holder holder(Behaviour behaviour) {
        return new Holder(Parameter.of(Shape.of(2, 3), Initializer.constant(2)), new ArrayList<>(), behaviour);
    }

    /** A layer by what it returns, and the net it is put into. */
    static Stream<org.junit.jupiter.params.provider.Arguments> nets() {
        List<Behaviour> behaviours = List.of(
                (holder, x, pass) -> pass.use(holder.parameter()),
                (holder, x, pass) -> holder.parameter().value(),
                (holder, x, pass) -> pass.use(holder.parameter()).reshape(3, 2).transpose(0, 1),
                (holder, x, pass) -> keep(holder, pass.use(holder.parameter()).detach()),
                (holder, x, pass) -> kept(holder, x.session()),
                (holder, x, pass) -> {
                    try (Scope scope = x.session().scope("layer")) {
                        return scope.keep(pass.use(holder.parameter()));
                    }
                },
                (holder, x, pass) -> x,
                (holder, x, pass) -> x.reshape(x.shape()),
                (holder, x, pass) -> keep(holder, x),
                (holder, x, pass) -> keep(holder, x.add(1)));
        List<Function<Layer, Layer>> nets = List.of(
                layer -> new Sequential(layer),
                layer -> new Sequential(layer, Activations.relu()),
                layer -> new Sequential(layer, new Dropout(0.5), Activations.relu(), new Linear(3, 3)),
                layer -> new Sequential(Activations.tanh(), layer, layer(layer), Activations.relu()),
                layer -> new Sequential(new Sequential(layer), Activations.softmax(), Activations.relu()),
                layer -> new Sequential(new Linear(3, 3), new Sequential(new Dropout(0.1), layer), new Flatten()),
                layer -> new Residual(layer),
                layer -> new Residual(new Sequential(layer)),
                layer -> new Residual(new Linear(3, 3), layer),
                layer -> new Sequential(new Residual(layer, layer(layer)), Activations.relu()),
                layer -> new Sequential(
                        Activations.relu(), new Residual(new Sequential(layer, new Linear(3, 3)), layer(layer))));
        List<org.junit.jupiter.params.provider.Arguments> all = new ArrayList<>();
        for (int i = 0; i < behaviours.size(); i++) {
            for (int j = 0; j < nets.size(); j++) {
                all.add(org.junit.jupiter.params.provider.Arguments.of(
                        "layer " + i + " in net " + j, behaviours.get(i), nets.get(j)));
            }
        }
        return all.stream();
    }

    /** Returns the same layer once more, without naming its parameter again. */
    private static Layer layer(Layer layer) {
        return (x, pass) -> layer.forward(x, pass);
    }

    private static Tensor keep(Holder holder, Tensor tensor) {
        holder.kept().add(tensor);
        return tensor;
    }

    private static Tensor kept(Holder holder, Session session) {
        return holder.kept().isEmpty()
                ? keep(holder, session.ones(Shape.of(2, 3)))
                : holder.kept().get(0);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("nets")
    void closeOnlyTheirOwn(String name, Behaviour behaviour, Function<Layer, Layer> net) {
        Holder holder = holder(behaviour);
        try (Model model = Model.create(session, net.apply(holder), 1)) {
            Tensor x = session.ones(Shape.of(2, 3));
            double[] first = model.forward(x, Pass.evaluation()).toDoubles();
            double[] second = model.forward(x, Pass.evaluation()).toDoubles();
            assertThat(second).isEqualTo(first);
            assertThat(model.values().toDoubles()).contains(2);
            assertThat(holder.parameter().value().toDoubles()).containsOnly(2);
            assertThat(x.toDoubles()).containsOnly(1);
            for (int step = 1; step <= 2; step++) {
                try (Tape tape = new Tape(session)) {
                    Pass pass = Pass.training(tape, 1, step);
                    Tensor input = tape.watch(x);
                    Tensor loss =
                            model.forward(input, pass).sum().add(input.sum().mul(0));
                    tape.gradientsInto(
                            loss, model.trainable().stream().map(pass::used).toList(), model.gradientViews());
                }
            }
            assertThat(holder.kept()).noneMatch(Tensor::isClosed);
            assertThat(model.forward(x, Pass.evaluation()).toDoubles()).isEqualTo(first);
        }
    }

    @Test
    void aLayerThatClosesItsInputCannotCloseAParameter() {
        Layer closing = (x, pass) -> {
            Tensor y = x.add(1);
            x.close();
            return y;
        };
        for (Parameter parameter :
                List.of(Parameter.of(Shape.of(2, 3), Initializer.constant(2)), Parameter.state(Shape.of(2, 3), 2))) {
            Holder holder = new Holder(parameter, new ArrayList<>(), (h, x, pass) -> pass.use(h.parameter()));
            Model model = Model.create(session, new Sequential(holder, closing), 1);
            long used = session.memory().used();
            try (Scope scope = session.scope("evaluation")) {
                Tensor x = session.ones(Shape.of(2, 3));
                for (Runnable end : List.<Runnable>of(
                        () -> model.forward(x, Pass.evaluation()),
                        () -> parameter.value().close(),
                        () -> scope.adopt(parameter.value()),
                        () -> model.values().close(),
                        () -> model.gradients().close())) {
                    assertThatThrownBy(end::run)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContainingAll("belongs to 'model'", "detach()");
                }
                assertThat(parameter.value().toFloats()).containsOnly(2);
            }
            assertThat(session.memory().used()).isEqualTo(used);
            model.close();
            assertThat(parameter.value().isClosed()).isTrue();
        }
        assertThat(session.memory().used()).isZero();
    }

    @Test
    void aLaterLayerMayUseWhatAnEarlierOneKept() {
        List<Tensor> kept = new ArrayList<>();
        Layer saving = (x, pass) -> {
            kept.add(x);
            return x;
        };
        Layer adding = (x, pass) -> x.add(kept.remove(0));
        Sequential net = new Sequential(
                Activations.relu(), saving, Activations.tanh(), Activations.relu(), adding, Activations.relu());
        try (Model model = Model.create(session, net, 1)) {
            Tensor y = model.forward(session.ones(Shape.of(2)), Pass.evaluation());
            assertThat(y.toFloats()).containsOnly((float) Math.tanh(1) + 1);
        }
    }

    @Test
    void valuesOfTheEnginesOwnLayersAreClosedAtOnce() {
        Sequential net = new Sequential(
                new Conv2d(3, 4, 3).padding(1),
                Activations.relu(),
                new Sequential(new Conv2d(4, 4, 3).padding(1), Activations.tanh(), new Dropout(0.5)),
                new Residual(new Sequential(new Conv2d(4, 4, 1), Activations.elu(1))),
                new Flatten(),
                new Linear(4 * 64, 2),
                Activations.softmax());
        try (Model model = Model.create(session, net, 1);
                Scope scope = session.scope("evaluation")) {
            Tensor x = session.ones(Shape.of(1, 3, 8, 8));
            Tensor y = model.forward(x, Pass.evaluation());
            assertThat(y.shape()).isEqualTo(Shape.of(1, 2));
            assertThat(scope.size()).isEqualTo(2);
        }
    }
}
