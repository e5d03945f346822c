package org.alborz.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.alborz.train.Callback;
import org.alborz.train.Trainer;
import org.alborz.type.Activation;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Trains on two executors, kills one of them now and then, and compares with a training that nothing happened to. */
final class KilledTraining {
    private static final int EPOCHS = 60;
    private static final SampleColumns COLUMNS = SampleColumns.inputs("x", "y").label("class", 2);

    private KilledTraining() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path folder = Path.of(arguments[0]);
        int kills = Integer.parseInt(arguments[1]);
        int failures = 0;
        try (SparkSession spark = Clusters.open(
                "local-cluster[2,1,1024]",
                Map.of(
                        "spark.stage.maxConsecutiveAttempts", Integer.toString(3 * kills + 4),
                        "spark.task.maxFailures", Integer.toString(3 * kills + 4),
                        "spark.excludeOnFailure.enabled", "false",
                        "spark.local.dir", folder.resolve("spark").toString()))) {
            Dataset<Row> table = Clusters.table(spark, 300);
            float[] expected = weights(trainer(0).fit(table, COLUMNS));
            Killer killer = new Killer(folder.resolve("run/backup.safetensors"), kills);
            killer.start();
            SparkModel trained =
                    trainer(20).checkpoint(folder.resolve("run").toString(), 5).fit(table, COLUMNS);
            killer.interrupt();
            killer.join();
            boolean same = Arrays.equals(weights(trained), expected);
            System.out.println(killer.killed + " kills, " + (same ? "same bits" : "OTHER BITS"));
            failures = same && killer.killed == kills ? 0 : 1;
        }
        for (int i = 0;
                i < 200 && ProcessHandle.current().descendants().findAny().isPresent();
                i++) {
            Thread.sleep(100); // executors end after their cluster
        }
        long left = ProcessHandle.current().descendants().count();
        System.out.println(left + " processes left");
        System.exit(failures);
    }

    private static SparkTrainer trainer(long pause) {
        return SparkTrainer.of(
                        () -> new Sequential(new Linear(2, 16).activation(Activation.RELU), new Linear(16, 2)),
                        model -> Trainer.classifier(model, new Adam(0.02)).callback(pausing(pause)))
                .backend("cpu-vector")
                .epochs(EPOCHS);
    }

    private static Callback pausing(long millis) {
        return new Callback() {
            @Override
            public void onStepEnd(Trainer trainer) {
                try {
                    Thread.sleep(millis);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        };
    }

    private static float[] weights(SparkModel trained) {
        try (Session session = Session.open("cpu-vector");
                Model model = trained.load(session)) {
            return model.values().toFloats();
        }
    }

    /** Kills executors, each after the run was saved since the kill before. */
    private static final class Killer extends Thread {
        private final Path saved;
        private final int kills;
        private int killed;

        Killer(Path saved, int kills) {
            this.saved = saved;
            this.kills = kills;
        }

        @Override
        public void run() {
            Random random = new Random(11);
            FileTime last = FileTime.fromMillis(0);
            try {
                while (killed < kills) {
                    Thread.sleep(50);
                    FileTime now = Files.exists(saved) ? Files.getLastModifiedTime(saved) : last;
                    List<ProcessHandle> executors =
                            ProcessHandle.current().children().toList();
                    if (now.compareTo(last) > 0 && executors.size() == 2) {
                        Thread.sleep(random.nextInt(300));
                        executors.get(random.nextInt(2)).destroyForcibly();
                        killed++;
                        last = Files.getLastModifiedTime(saved);
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
