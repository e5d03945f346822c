package org.alborz.monitor;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.alborz.train.Trainer;

/** Says as a table of Markdown how a model is trained. */
final class TrainingText {
    private TrainingText() {}

    static String of(Trainer trainer) {
        Map<String, String> words = new LinkedHashMap<>();
        words.put(
                "parameters", String.format(Locale.ROOT, "%,d", trainer.model().parameterCount()));
        words.put("precision", trainer.model().precision().toString());
        words.put("backend", trainer.model().session().backend().name());
        words.put("device", trainer.model().session().backend().device());
        words.put("objective", trainer.objective().settings());
        words.put("optimizer", trainer.optimizer().settings());
        words.put("schedule", trainer.schedule().settings());
        words.put("seed", Long.toString(trainer.seed()));
        words.putAll(trainer.settings());
        words.put("data", trainer.loader().dataset().description());
        words.put("batch_size", Integer.toString(trainer.loader().batchSize()));
        words.put("validation", trainer.validationDescription());
        StringBuilder table = new StringBuilder("| setting | value |\n|---|---|\n");
        words.forEach((name, value) -> table.append("| ")
                .append(name)
                .append(" | ")
                .append(value.replace("|", "\\|").replace('\n', ' '))
                .append(" |\n"));
        return table.toString();
    }
}
