package org.alborz.train;

import org.alborz.data.Batch;
import org.alborz.data.BatchIterator;
import org.alborz.data.DataLoader;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;

/** Renews running statistics by a pass in training mode that is not recorded. */
final class BatchNormUpdate {
    private final Model model;
    private final Objective objective;

    BatchNormUpdate(Model model, Objective objective) {
        this.model = model;
        this.objective = objective;
    }

    int run(DataLoader loader) {
        Session session = model.session();
        try (BatchNorm.Renewal renewal = BatchNorm.renew(model)) {
            if (renewal.layers() == 0) {
                return 0;
            }
            try (BatchIterator batches = loader.epoch(0)) {
                for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
                    try (Scope step = session.scope("batch")) {
                        objective.of(Batches.upload(session, batch), Pass.training(null, loader.seed(), batch.index()));
                    }
                }
            }
            return renewal.layers();
        }
    }
}
