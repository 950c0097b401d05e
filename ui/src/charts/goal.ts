const SMALL_IS_GOOD = /(loss|err|error|perplexity|ppl|mae|mse|rmse|wer|cer|nll|bpc)$/;
const LARGE_IS_GOOD =
  /(acc|accuracy|top1|top5|f1|auc|auroc|precision|recall|iou|map|bleu|reward|r2)$/;

/** Which way is good for a metric, as far as its name says. */
export function goalOf(name: string): "low" | "high" | null {
  const end = name.toLowerCase();
  if (SMALL_IS_GOOD.test(end)) return "low";
  return LARGE_IS_GOOD.test(end) ? "high" : null;
}
