package org.alborz.checkpoint;

import java.util.LinkedHashMap;
import java.util.Map;
import org.alborz.nn.LossScaler;
import org.alborz.nn.Model;

/** The state of a model's {@link LossScaler}, as metadata of a checkpoint. */
record LossScale(double scale, int steps, long skipped) {
    private static final String SCALE = "loss_scale";
    private static final String STEPS = "loss_scale_steps";
    private static final String SKIPPED = "skipped_steps";

    static Map<String, String> of(Model model) {
        Map<String, String> state = new LinkedHashMap<>();
        LossScaler scaler = model.lossScaler();
        if (scaler != null) {
            state.put(SCALE, Double.toString(scaler.scale()));
            state.put(STEPS, Integer.toString(scaler.stepsSinceChange()));
            state.put(SKIPPED, Long.toString(scaler.skippedSteps()));
        }
        return state;
    }

    static LossScale read(String file, Map<String, String> metadata) {
        double scale = TrainerState.number(file, metadata, SCALE);
        if (!LossScaler.isScale(scale)) {
            throw TrainerState.wrong(file, metadata, SCALE, null);
        }
        return new LossScale(
                scale,
                (int) TrainerState.wholeNumber(file, metadata, STEPS, LossScaler.GROWTH_STEPS - 1),
                TrainerState.wholeNumber(
                        file, metadata, SKIPPED, TrainerState.wholeNumber(file, metadata, "step", 1L << 53)));
    }

    void restore(Model model) {
        model.lossScaler().restore(scale, steps, skipped);
    }
}
