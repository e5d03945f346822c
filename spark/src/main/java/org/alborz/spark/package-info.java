/**
 * Training on the machines of a Spark cluster, and prediction for the rows of a DataFrame.
 *
 * <p>{@link org.alborz.spark.SparkTrainer} gives each task of a barrier stage a part of the rows and a rank in one group; the ranks train
 * together through {@link org.alborz.distributed.TcpCollective}, and Spark carries no gradients.
 */
package org.alborz.spark;
