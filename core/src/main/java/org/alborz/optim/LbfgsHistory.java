package org.alborz.optim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alborz.backend.UnaryOp;
import org.alborz.nn.Model;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;

/** The latest changes of L-BFGS, and the direction that follows from them; its tensors belong to the model. */
final class LbfgsHistory {
    /** How many changes are kept unless told otherwise. */
    static final int USUAL = 100;

    private static final double LEAST_CURVATURE = 1e-10;
    private static final String DIRECTION = "direction";
    private static final String GRADIENT = "gradient";
    private static final String CHANGE = "change";
    private static final String GRADIENT_CHANGE = "gradient_change";

    /** A change of the values and that of the gradient with it, and 1 by their product. */
    private record Change(Tensor values, Tensor gradient, double inverse) {}

    private final Model model;
    private final DType type;
    private final List<Change> changes = new ArrayList<>();
    private Tensor direction;
    private Tensor gradientBefore;
    private double scale = 1;

    LbfgsHistory(Model model, DType type) {
        this.model = model;
        this.type = type;
    }

    int size() {
        return changes.size();
    }

    /** Returns what a direction is multiplied by between the two loops. */
    double scale() {
        return scale;
    }

    /**
     * Takes the last change into the history and finds the direction by the two loops (Nocedal and Wright 2006, algorithm 7.4); the first one
     * is that of the gradient.
     *
     * @param length of the step along the direction before
     * @param most changes that are kept
     */
    Tensor direction(Tensor gradient, double length, int most) {
        if (direction == null) {
            direction = model.own(Flat.copy(gradient, type));
            direction.update(UnaryOp.MULTIPLY, -1);
            gradientBefore = model.own(Flat.copy(gradient, type));
            return direction;
        }
        remember(gradient, length, most);
        direction.assign(gradient);
        direction.update(UnaryOp.MULTIPLY, -1);
        double[] shares = new double[changes.size()];
        for (int i = changes.size() - 1; i >= 0; i--) {
            Change change = changes.get(i);
            shares[i] = Flat.dot(change.values, direction) * change.inverse;
            Flat.add(direction, change.gradient, -shares[i]);
        }
        direction.update(UnaryOp.MULTIPLY, scale);
        for (int i = 0; i < changes.size(); i++) {
            Change change = changes.get(i);
            double share = Flat.dot(change.gradient, direction) * change.inverse;
            Flat.add(direction, change.values, shares[i] - share);
        }
        gradientBefore.assign(gradient);
        return direction;
    }

    private void remember(Tensor gradient, double length, int most) {
        try (Scope scope = gradient.session().scope("history")) {
            Tensor y = gradient.sub(gradientBefore);
            Tensor s = direction.mul(length);
            double product = Flat.dot(y, s);
            if (product > LEAST_CURVATURE) {
                while (changes.size() >= most) {
                    close(changes.remove(0));
                }
                changes.add(new Change(model.own(s), model.own(y), 1 / product));
                scale = product / Flat.dot(y, y);
            }
        }
    }

    private static void close(Change change) {
        change.values.close();
        change.gradient.close();
    }

    void clear() {
        changes.forEach(LbfgsHistory::close);
        changes.clear();
        if (direction != null) {
            direction.close();
            gradientBefore.close();
        }
        direction = null;
        gradientBefore = null;
        scale = 1;
    }

    /** Returns the tensors by name; none before the first direction. */
    Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        if (direction != null) {
            state.put(DIRECTION, direction);
            state.put(GRADIENT, gradientBefore);
        }
        for (int i = 0; i < changes.size(); i++) {
            state.put(CHANGE + i, changes.get(i).values);
            state.put(GRADIENT_CHANGE + i, changes.get(i).gradient);
        }
        return state;
    }

    /** Takes copies of tensors that {@link #state} returned, of so many changes. */
    void restore(Map<String, Tensor> state, int count, double itsScale) {
        clear();
        if (state.containsKey(DIRECTION)) {
            direction = model.own(Flat.copy(state.get(DIRECTION), type));
            gradientBefore = model.own(Flat.copy(state.get(GRADIENT), type));
        }
        for (int i = 0; i < count; i++) {
            Tensor s = model.own(Flat.copy(state.get(CHANGE + i), type));
            Tensor y = model.own(Flat.copy(state.get(GRADIENT_CHANGE + i), type));
            changes.add(new Change(s, y, 1 / Flat.dot(y, s)));
        }
        scale = itsScale;
    }
}
