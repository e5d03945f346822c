package org.alborz.optim;

import org.alborz.nn.Model;
import org.alborz.tensor.Tensor;

/** The model that an optimizer serves. */
final class Attachment {
    private Model model;

    void to(Model newModel, String optimizer) {
        newModel.session().check();
        if (model != null) {
            throw new IllegalStateException(
                    "This " + optimizer + " optimizer already serves a model; make one for each model");
        }
        model = newModel;
    }

    Model model() {
        if (model == null) {
            throw new IllegalStateException("The optimizer serves no model yet; call attach(model) first");
        }
        model.session().check();
        return model;
    }

    /** Returns zeros laid out as the model's values, owned by the model. */
    Tensor state(String name) {
        return model().own(model().session().zeros(model().values().shape())).named(name);
    }
}
