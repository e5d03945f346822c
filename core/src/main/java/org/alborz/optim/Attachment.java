package org.alborz.optim;

import java.util.ArrayList;
import java.util.List;
import org.alborz.nn.Model;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Layout;

/** The model that an optimizer serves. */
final class Attachment {
    private final List<Tensor> states = new ArrayList<>();
    private Model model;

    void to(Model newModel, String optimizer) {
        Given.value(newModel, "An optimizer", "a model").session().check();
        if (model != null) {
            throw new IllegalStateException(
                    "This " + optimizer + " optimizer already serves a model; make one for each model");
        }
        model = newModel;
    }

    /** Closes the states; another model may be served then. */
    void end() {
        if (model != null) {
            model.session().requireOwner();
        }
        states.forEach(Tensor::close);
        states.clear();
        model = null;
    }

    /** Returns the model, or null before there is one. */
    Model served() {
        return model;
    }

    Model model() {
        if (model == null) {
            throw new IllegalStateException("The optimizer serves no model yet; call attach(model) first");
        }
        model.session().check();
        if (model.values().isClosed()) {
            throw new IllegalStateException("The optimizer was used after its model was closed; make another one");
        }
        return model;
    }

    /** Returns zeros laid out as the model's values, owned by the model, of a type that averages over many steps do not stall in. */
    Tensor state(String name) {
        Tensor values = model().values();
        Tensor zeros = model().session()
                .empty(values.dtype().accumulator(), Layout.rowMajor(values.shape()))
                .fill(0);
        states.add(model().own(zeros).named(name));
        return zeros;
    }
}
