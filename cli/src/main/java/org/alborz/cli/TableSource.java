package org.alborz.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.alborz.data.CsvColumn;
import org.alborz.data.CsvOptions;
import org.alborz.data.CsvTable;
import org.alborz.data.CsvType;
import org.alborz.data.DataException;
import org.alborz.data.Dataset;
import org.alborz.data.Split;
import org.alborz.text.Quoted;

/**
 * A table in a CSV file, of which one column is learned from the others. A fifth of the rows, chosen at random but always the same, is held out
 * from training; rows without a value somewhere are left out.
 */
final class TableSource implements DataSource {
    static final String TARGET = "target";
    static final String TASK = "task";
    static final String HIDDEN = "hidden";

    /** The words that {@code --task} takes. */
    static final List<String> TASKS = List.of("classification", "regression");

    private static final List<String> KEYS = List.of(TARGET, TASK, HIDDEN);
    private static final String USUAL_HIDDEN = "64+64";
    private static final int MOST_HIDDEN = 1 << 16;
    private static final double TRAINING_SHARE = 0.8;
    private static final long SPLIT_SEED = 1;

    private final Path file;
    private final int limit;
    private final Map<String, String> details;

    /** The table whose columns and categories this one has; null where they are its own. */
    private final CsvTable like;

    private CsvTable table;
    private Split split;

    TableSource(Path file, int limit, Map<String, String> details) {
        this(file, limit, details, null);
    }

    private TableSource(Path file, int limit, Map<String, String> details, CsvTable like) {
        this.file = file;
        this.limit = OptionChecks.index("--limit", limit);
        this.details = details;
        this.like = like;
    }

    /** Tells whether {@code --data} names a table. */
    static boolean isAt(String data) {
        String name = data.toLowerCase(Locale.ROOT);
        return withoutGzip(name).endsWith(".csv") || withoutGzip(name).endsWith(".tsv");
    }

    /** Returns the details of a run on a table with defaults for those that are not given, or refuses them. */
    static Map<String, String> complete(String model, Map<String, String> given) {
        if (!model.equals("mlp")) {
            throw CommandFailure.usage("--data expects images for " + model
                    + ", and CSV files are for mlp; name mlp as the MODEL, or a directory of images");
        }
        Details.requireKeys(given, KEYS, "mlp on a table");
        if (!given.containsKey(TARGET) || given.get(TARGET).isBlank()) {
            throw CommandFailure.usage("--target expects the name of the column to predict, got none; name one of the"
                    + " first line of the CSV file");
        }
        if (given.containsKey(TASK)) {
            OptionChecks.oneOf("--task", given.get(TASK), TASKS);
        }
        String hidden = given.getOrDefault(HIDDEN, USUAL_HIDDEN);
        Details.sizes("--hidden", hidden, MOST_HIDDEN);
        return Details.with(given, HIDDEN, hidden);
    }

    /** Returns the sizes of the hidden layers that complete details name. */
    static int[] hidden(Map<String, String> details) {
        return Details.sizes("--hidden", details.get(HIDDEN), MOST_HIDDEN);
    }

    /** Returns another file with the columns and categories of this one. */
    TableSource other(Path other, int most) {
        return new TableSource(other, most, details, table());
    }

    private CsvTable table() {
        if (table == null) {
            if (!Files.exists(file)) {
                throw new DataException("There is no file " + Quoted.text(file.toString())
                        + "; name a CSV file with a first line of names with --data");
            }
            CsvOptions options = separated(file);
            if ("classification".equals(details.get(TASK))) {
                options = options.type(details.get(TARGET), CsvType.CATEGORY);
            }
            CsvTable all = like == null ? CsvTable.read(file, options) : CsvTable.read(file, options, like);
            CsvColumn target = column(all);
            if ("regression".equals(details.get(TASK)) && target.type() == CsvType.CATEGORY) {
                throw CommandFailure.usage("--task regression expects numbers in the column "
                        + Quoted.text(target.name()) + ", which has words; use --task classification");
            }
            table = all.withoutMissing();
        }
        return table;
    }

    /** Returns a checksum of what a net of this table knows its inputs and results by: names and types of columns, and categories in their order. */
    String columns() {
        CRC32C sum = new CRC32C();
        for (CsvColumn column : table().columns()) {
            List<String> known = Stream.concat(
                            Stream.of(column.name(), column.type().name()), column.categories().stream())
                    .toList();
            sum.update(JsonFile.text(known).getBytes(StandardCharsets.UTF_8));
        }
        return Long.toHexString(sum.getValue());
    }

    /**
     * Reads another file with the columns and categories of this one, with or without the column that is learned, to be predicted.
     *
     * @return all columns but that one, with what is missing in them
     */
    CsvTable unlabelled(Path other) {
        String target = details.get(TARGET);
        CsvTable training = table();
        return CsvTable.names(other, separated(other)).contains(target)
                ? CsvTable.read(other, separated(other), training).without(target)
                : CsvTable.read(other, separated(other), training.without(target));
    }

    private static String withoutGzip(String name) {
        return name.endsWith(".gz") ? name.substring(0, name.length() - ".gz".length()) : name;
    }

    /** Returns how a file is written, by its name. */
    private static CsvOptions separated(Path file) {
        return withoutGzip(file.toString().toLowerCase(Locale.ROOT)).endsWith(".tsv")
                ? new CsvOptions().separator('\t')
                : new CsvOptions();
    }

    private CsvColumn column(CsvTable all) {
        try {
            return all.column(details.get(TARGET));
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCodes.USAGE, "--target: " + e.getMessage(), e);
        }
    }

    private Split split() {
        if (split == null) {
            Dataset rows = table().dataset(details.get(TARGET));
            if (rows.size() < 2) {
                throw new DataException(Quoted.text(file.toString())
                        + " has only one row with a value in every column, and of at least 2 one is held out; name a longer"
                        + " table with --data");
            }
            split = rows.classes().isEmpty()
                    ? Split.fraction(rows, TRAINING_SHARE, SPLIT_SEED)
                    : Split.stratified(rows, TRAINING_SHARE, SPLIT_SEED);
        }
        return split;
    }

    @Override
    public Dataset training() {
        return some(split().first());
    }

    @Override
    public Dataset validation() {
        return some(split().second());
    }

    /** Returns the rows that were held out, or all of another file. */
    @Override
    public Dataset test() {
        return like == null ? validation() : some(table().dataset(details.get(TARGET)));
    }

    private Dataset some(Dataset whole) {
        return limit == 0 || limit >= whole.size()
                ? whole
                : Split.random(whole, limit, SPLIT_SEED).first();
    }

    @Override
    public Signature signature(Dataset training) {
        int inputs = training.fields().get(0).elements();
        return training.classes().isEmpty()
                ? new Signature(Task.REGRESSION, inputs, 1)
                : Signature.classifier(inputs, training.classes());
    }

    @Override
    public String describe(Dataset samples) {
        CsvColumn target = table().column(details.get(TARGET));
        return String.format(
                Locale.ROOT,
                "%,d rows of %s, %d columns to predict %s (%s)",
                samples.size(),
                file,
                table().columns().size() - 1,
                target.name(),
                target.type() == CsvType.CATEGORY ? target.categories().size() + " classes" : "a number");
    }

    @Override
    public String unit() {
        return "rows";
    }

    @Override
    public boolean isGenerated() {
        return false;
    }

    @Override
    public boolean reads(Path real) {
        return WritablePlace.isSame(real, file);
    }
}
