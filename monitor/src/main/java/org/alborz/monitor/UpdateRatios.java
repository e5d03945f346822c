package org.alborz.monitor;

import java.util.ArrayList;
import java.util.List;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** By how much a step changes each parameter: the norm of the change over the norm of the values. Biases and factors are left out. */
final class UpdateRatios implements AutoCloseable {
    private final Model model;
    private final List<Parameter> parameters;

    /** The values before the step; null before the first {@link #keep}. */
    private Tensor before;

    UpdateRatios(Model model) {
        this.model = model;
        this.parameters = model.trainable().stream()
                .filter(parameter -> parameter.shape().rank() > 1)
                .toList();
    }

    List<String> names() {
        return parameters.stream().map(Parameter::name).toList();
    }

    /** Remembers the values, before a step. */
    void keep() {
        Tensor values = model.values();
        if (before == null) {
            before = model.own(
                    model.session().empty(values.dtype(), values.layout().compact()));
        }
        before.assign(values);
    }

    /** Returns the ratios of the step that was done since {@link #keep}, by {@link #names}; NaN where nothing was kept. Waits for the device. */
    List<Double> ratios() {
        List<Double> ratios = new ArrayList<>();
        if (before == null || parameters.isEmpty()) {
            parameters.forEach(parameter -> ratios.add(Double.NaN));
            return ratios;
        }
        int count = parameters.size();
        try (Scope scope = model.session().scope("update ratios")) {
            Tensor sums = model.session().empty(model.values().dtype(), Layout.rowMajor(Shape.of(2 * count)));
            Tensor change = model.values().sub(before);
            for (int i = 0; i < count; i++) {
                put(sums, i, model.part(change, parameters.get(i)));
                put(sums, count + i, parameters.get(i).value());
            }
            double[] squares = sums.toDoubles();
            for (int i = 0; i < count; i++) {
                ratios.add(Math.sqrt(squares[i] / squares[count + i]));
            }
        }
        return ratios;
    }

    private static void put(Tensor sums, int at, Tensor values) {
        sums.narrow(0, at, 1).assign(values.square().sum().reshape(1));
    }

    @Override
    public void close() {
        if (before != null && !before.isClosed()) {
            before.close();
        }
    }
}
