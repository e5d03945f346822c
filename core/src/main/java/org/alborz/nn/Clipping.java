package org.alborz.nn;

import java.util.List;
import org.alborz.backend.UnaryOp;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;

/** Keeps gradients small, on the device. */
final class Clipping {
    /** Keeps a norm of 0 from dividing by it. */
    private static final double EPSILON = 1e-6;

    private Clipping() {}

    static void value(List<Model> models, double most) {
        for (int i = 0; i < models.size(); i++) {
            models.get(i).gradients().update(UnaryOp.MAXIMUM, -most).update(UnaryOp.MINIMUM, most);
        }
    }

    /** Clips the norm of the gradients of all models together. */
    static void norm(List<Model> models, double most) {
        try (Scope scope = models.get(0).session().scope("clipping")) {
            Tensor squares = squares(models.get(0));
            for (int i = 1; i < models.size(); i++) {
                Tensor more = squares(models.get(i));
                squares = squares.add(more.to(squares.dtype()));
            }
            Tensor factor = squares.sqrt().add(EPSILON).reciprocal().mul(most).minimum(1);
            for (int i = 0; i < models.size(); i++) {
                Tensor gradients = models.get(i).gradients();
                gradients.assign(gradients.to(factor.dtype()).mul(factor));
            }
        }
    }

    private static Tensor squares(Model model) {
        Tensor gradients = model.gradients();
        return gradients.to(gradients.dtype().accumulator()).square().sum();
    }
}
