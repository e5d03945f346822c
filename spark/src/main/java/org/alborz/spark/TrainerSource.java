package org.alborz.spark;

import java.io.Serializable;
import org.alborz.nn.Model;
import org.alborz.train.Trainer;

/** Says how a model is trained, in each task alike: optimizer, loss, metrics, schedule. The group and the saving are {@link SparkTrainer}'s. */
@FunctionalInterface
public interface TrainerSource extends Serializable {
    /** Returns the description of a trainer of the model. */
    Trainer.Builder trainer(Model model);
}
