namespace Portal.Ui;

public enum IconName { Home, Tenants, Connectors, Migration, Usage, Billing, Settings, Organizations, Prices, Tax, Promotions, Plans, Clusters, Metering, Books, Overdue, Emails, Jobs, Audit, SignIn, Search, Plus, Topic, More, Bell, Incidents }
