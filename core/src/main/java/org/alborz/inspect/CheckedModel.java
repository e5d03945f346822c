package org.alborz.inspect;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.alborz.autograd.Tape;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;

/** A model's loss as a function of its learned parameters that are not frozen. */
record CheckedModel(Model model, Function<Pass, Tensor> loss) implements CheckedFunction {
    private List<Parameter> parameters() {
        return model.trainable().stream()
                .filter(parameter -> !parameter.isFrozen())
                .toList();
    }

    @Override
    public List<String> names() {
        return parameters().stream().map(Parameter::name).toList();
    }

    @Override
    public List<Tensor> tensors() {
        return parameters().stream().map(Parameter::value).toList();
    }

    private static Pass pass(Tape tape, boolean training, long seed) {
        if (training) {
            return Pass.training(tape, seed, 1);
        }
        return tape == null ? Pass.evaluation() : Pass.evaluation(tape);
    }

    private Tensor loss(Pass pass) {
        return Given.value(loss.apply(pass), "GradientCheck", "a loss");
    }

    @Override
    public double value(boolean training, long seed) {
        try (Scope scope = model.session().scope("value")) {
            return CheckedFunction.finite(loss(pass(null, training, seed)));
        }
    }

    @Override
    public double[][] gradients(boolean training, long seed) {
        Session session = model.session();
        try (Scope scope = session.scope("gradients");
                Tape tape = new Tape(session)) {
            Pass pass = pass(tape, training, seed);
            Tensor mean = loss(pass);
            List<Tensor> watched = new ArrayList<>();
            List<Tensor> into = new ArrayList<>();
            for (Parameter parameter : parameters()) {
                watched.add(pass.used(parameter));
                into.add(session.zeros(parameter.shape()));
            }
            tape.gradientsInto(mean, watched, into);
            return into.stream().map(Tensor::toDoubles).toArray(double[][]::new);
        }
    }

    @Override
    public Restored keepStates() {
        Scope scope = model.session().scope("states");
        List<Parameter> states = model.parameters().values().stream()
                .filter(parameter -> !parameter.isTrainable())
                .toList();
        List<Tensor> before = states.stream().map(CheckedModel::copy).toList();
        return () -> {
            for (int i = 0; i < before.size(); i++) {
                states.get(i).value().assign(before.get(i));
            }
            scope.close();
        };
    }

    private static Tensor copy(Parameter state) {
        Tensor value = state.value();
        return value.session().empty(value.dtype(), value.layout().compact()).assign(value);
    }
}
