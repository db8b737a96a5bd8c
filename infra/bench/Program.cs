using Portal.Bench;

RatingBench.Run();
